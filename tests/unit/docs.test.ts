/** What the pages show and refer to, against what there is. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { parse } from "yaml";
import { checkConfig } from "../../components/config/readConfig";
import { fits, inlineCommands, shownCommands, type ShownCommand } from "../../docs/generate/commands";
import { pages } from "../../docs/generate/pages";
import { checkGatewayConfig } from "../../gateway/config";
import { gatewaySecrets } from "../../gateway/configSchema";
import { repositoryRoot as root } from "../../local/paths";
import { addCommands } from "../../ops/commands";

interface Entry {
  command: string;
  test?: string;
  has?: string | string[];
  not?: string;
  walked?: true;
}

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const entries = parse(read("docs/commands.yaml")) as Entry[];
const shown = pages.flatMap((page) => [...shownCommands(page, read(page)), ...inlineCommands(page, read(page))]);
const entryOf = ({ text }: ShownCommand): Entry | undefined => entries.find(({ command }) => fits(command, text));

describe("the commands in a page", () => {
  it("are those of its bash and console blocks, as typed", () => {
    const page = [
      "```bash",
      "# a comment",
      "npm ci   # another",
      "curl a \\",
      "  -d '#1'",
      "```",
      "```console",
      "$ npm run local",
      "its output",
      "```",
      "1. In a list:",
      "",
      "   ```bash",
      "   oc whoami",
      "   ```",
      "```yaml",
      "no: command",
      "```",
    ].join("\n");
    assert.deepEqual(
      shownCommands("p", page).map(({ text }) => text),
      ["npm ci", "curl a -d '#1'", "npm run local", "oc whoami"],
    );
  });

  it("are also those between backquotes, outside its blocks", () => {
    const page = [
      "Type `npm run\n  local -- down`, or see `up`.",
      "```bash",
      "echo `pulumi up`",
      "```",
      "| `oc whoami` |",
    ].join("\n");
    assert.deepEqual(
      inlineCommands("p", page).map(({ text }) => text),
      ["npm run local -- down", "oc whoami"],
    );
  });

  it("fit a pattern as a whole, with anything in place of a star", () => {
    assert.ok(fits("pulumi up*--stack dev", "pulumi up --yes --stack dev"));
    assert.ok(!fits("pulumi up", "pulumi up --yes"));
    assert.ok(!fits("a.b", "axb"));
  });
});

describe("the pages", () => {
  it("show no command that docs/commands.yaml does not know", () => {
    assert.ok(shown.length > 50, `only ${shown.length} commands found`);
    assert.deepEqual(
      shown.filter((command) => !entryOf(command)).map(({ page, text }) => `${page}: ${text}`),
      [],
    );
  });

  it("have their commands run by a test that exists, or a reason", () => {
    const wrong = entries.filter((entry) => {
      const { test, has, not, walked } = entry;
      if (walked)
        return (
          test !== undefined || not !== undefined || !shown.filter((each) => entryOf(each) === entry).every(isWalked)
        );
      if (test === undefined || has === undefined) return not === undefined;
      return (
        not !== undefined ||
        !existsSync(path.join(root, test)) ||
        ![has].flat().every((part) => oneLine(read(test)).includes(part))
      );
    });
    assert.deepEqual(wrong, []);
  });

  it("have each word of a command in the arguments with which the test runs it", () => {
    const lacking = entries.flatMap(({ command, has }) =>
      has === undefined
        ? []
        : wordsOf(command).flatMap((word) =>
            [has].flat().some((part) => part.includes(word)) ? [] : [`${command}: ${word}`],
          ),
    );
    assert.deepEqual(lacking, []);
  });

  it("have an entry for each form of a command that a test runs: no star stands for an option", () => {
    const hidden = shown.flatMap((command) => {
      const entry = entryOf(command);
      if (entry?.test === undefined) return [];
      const options = command.text.match(/(?<=\s)--?[a-z][\w-]*/g) ?? [];
      const others = options.filter((option) => !entry.command.includes(option) && !everywhere.includes(option));
      return others.map((option) => `${command.page}: ${command.text}: ${option}`);
    });
    assert.deepEqual(hidden, []);
  });

  it("leave no entry of docs/commands.yaml without a command", () => {
    const used = new Set(shown.map(entryOf));
    assert.deepEqual(
      entries.filter((entry) => !used.has(entry)).map(({ command }) => command),
      [],
    );
  });

  it("and the workflows name scripts of package.json", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const workflows = readdirSync(path.join(root, ".github/workflows")).map((name) => `.github/workflows/${name}`);
    const named = [...pages, ...workflows].flatMap((page) => mentions(page, /npm run (?:-s |--silent )?([\w:-]+)/g));
    assert.ok(named.length > 20);
    assert.deepEqual(
      named.filter(({ what }) => !(what in scripts)),
      [],
    );
  });

  it("name commands of `npm run ops` with options that they have", () => {
    const program = new Command().option("-s, --stack <name>").option("-C, --cwd <folder>");
    program.option("--model <name>").option("--verbose");
    addCommands(program);
    const commandNames = new Map(program.commands.map((command) => [command.name(), command]));
    const wrong = pages
      .flatMap((page) => mentions(page, /npm run (?:-s )?ops -- ([^`"\n)]+)/g))
      .filter(({ what }) => {
        const [name = "", ...rest] = what
          .replace(/\s+#.*/, "")
          .trim()
          .split(/\s+/);
        const command = commandNames.get(name);
        const options = [...program.options, ...(command?.options ?? [])];
        const known = (flag: string): boolean =>
          options.some(({ short, long }) => [short, long].includes(flag.split("=")[0]));
        return !command || !rest.filter((word) => /^--?\w/.test(word)).every(known);
      });
    assert.deepEqual(wrong, []);
  });

  for (const page of pages) {
    it(`${page} sets a configuration that the program accepts`, () => {
      assert.deepEqual(
        configurations(page).filter(({ problems }) => problems.length > 0),
        [],
      );
    });

    it(`${page} refers to files that exist`, () => {
      const links = mentions(page, /\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g);
      const missing = links.filter(({ what }) => !existsSync(path.join(root, path.dirname(page), what)));
      assert.deepEqual(missing, []);
    });
  }
});

/** Typed by tests/long/reading.ts on its page: it stands in a block, and needs nothing that is not there. */
function isWalked(command: ShownCommand): boolean {
  const typed = shownCommands(command.page, read(command.page));
  return typed.some(({ text, note }) => text === command.text && !note.startsWith("needs "));
}

/** Options that a test's helper adds: which stack, in which folder, with which passphrase's provider. */
const everywhere = ["--stack", "--cwd", "--secrets-provider"];

/** What of a pattern must stand in the arguments of a test: not its values, nor how the program is started. */
function wordsOf(pattern: string): string[] {
  const started = [
    "npm",
    "run",
    "-s",
    "--",
    "pulumi",
    "ops",
    "local",
    "fit",
    "ci:preview",
    "&&",
    "|",
    "claude",
    "policies",
  ];
  return pattern
    .replaceAll(/--(stack|cwd) [\w*]+/g, "")
    .replaceAll(/settings=\$\(|\)|eval "\$settings"/g, "")
    .split(/[\s*]+/)
    .filter((word) => word !== "" && !word.startsWith("ci:") && !started.includes(word));
}

const oneLine = (code: string): string => code.replaceAll(/\s+/g, " ").replaceAll("[ ", "[").replaceAll(", ]", "]");

/** In the page's text with each code span on one line, as lines are broken in the middle of them. */
function mentions(page: string, pattern: RegExp): { page: string; what: string }[] {
  const text = read(page).replaceAll(/(?<!`)`[^`]+`(?!`)/g, (code) => code.replaceAll(/\s+/g, " "));
  return [...text.matchAll(pattern)].map(([, what = ""]) => ({ page, what }));
}

type Values = Record<string, string>;

/** The two projects: their configuration as deployed before the page begins, and who judges it. */
const projects = {
  ".": {
    prefix: "vllm-inference:",
    deployed: { hfToken: "hf_canary" },
    problems: (values: Values) => checkConfig({ values, secretKeys: new Set(["hfToken"]) }).problems,
  },
  gateway: {
    prefix: "vllm-gateway:",
    deployed: {},
    problems: (values: Values) => checkGatewayConfig({ values, secretKeys: new Set(gatewaySecrets) }).problems,
  },
} as const;

/** What a page's commands make of each stack's configuration, from top to bottom: a stack that the page makes starts empty. */
function configurations(page: string): { stack: string; problems: unknown[] }[] {
  const stacks = new Map<string, { project: keyof typeof projects; values: Values }>();
  let selected = "";
  for (const { text } of shownCommands(page, read(page))) {
    const { words, flags } = commandLine(text);
    const project = flags.cwd === "gateway" ? "gateway" : ".";
    const [program, group, verb, key = "", given = "hf_canary"] = words;
    if (program !== "pulumi") continue;
    if (group === "stack" && verb === "init") {
      selected = key;
      stacks.set(`${project} ${selected}`, { project, values: { ...defaults(project), ...stackFile(project, key) } });
    }
    if (group !== "config" || verb !== "set") continue;
    const name = `${project} ${flags.stack ?? selected}`;
    const before = { ...defaults(project), ...stackFile(project), ...projects[project].deployed };
    const { values } = stacks.get(name) ?? { values: before };
    const [setting = "", index] = key.split("[");
    const value = given.replace("<digest>", "0".repeat(64)).replace("<commit>", "0".repeat(40));
    stacks.set(name, {
      project,
      values: { ...values, [setting]: index === undefined ? value : JSON.stringify([value]) },
    });
  }
  return [...stacks].map(([stack, { project, values }]) => ({ stack, problems: projects[project].problems(values) }));
}

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function defaults(project: keyof typeof projects): Values {
  const { config } = parse(read(path.join(project, "Pulumi.yaml"))) as {
    config: Record<string, { default?: unknown }>;
  };
  const own = Object.entries(config).filter(([key]) => !key.includes(":"));
  return Object.fromEntries(own.map(([key, value]) => [key, text(value.default)]));
}

/** Empty where the project comes with no file for the stack. */
function stackFile(project: keyof typeof projects, stack = "dev"): Values {
  const file = path.join(project, `Pulumi.${stack}.yaml`);
  if (!existsSync(path.join(root, file))) return {};
  const { config } = parse(read(file)) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(projects[project].prefix, ""), text(value)]),
  );
}

/** Words and `--flag value` of a command, without its quotes. */
function commandLine(command: string): { words: string[]; flags: Partial<Record<"stack" | "cwd", string>> } {
  const all = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? "",
  );
  const words: string[] = [];
  const flags: Record<string, string> = {};
  for (let at = 0; at < all.length; at++) {
    const word = all[at] ?? "";
    if (word === "--stack" || word === "--cwd") flags[word.slice(2)] = all[++at] ?? "";
    else if (!word.startsWith("--")) words.push(word);
  }
  return { words, flags };
}
