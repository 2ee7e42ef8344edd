import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { managedFlags } from "../../../components/args/extraArgs";
import { parse } from "yaml";
import { configKeys } from "../../../components/config/schema";
import { findSymptom, matches, named, symptom, type Symptom, symptoms } from "../../../components/symptoms";
import { repositoryRoot } from "../../../local/paths";
import { addCommands } from "../../../ops/commands";

describe("the symptom table", () => {
  const withExample = symptoms.filter((row): row is Symptom & { example: string } => row.example !== undefined);

  for (const row of withExample) {
    it(`${row.id}: its example fits it and no other row of its area`, () => {
      const fitting = symptoms
        .filter((other) => other.area === row.area && (!other.vague || other === row))
        .filter((other) => matches(other, { text: row.example }));
      assert.deepEqual(
        fitting.map((other) => other.id),
        [row.id],
      );
    });
  }

  it("has an example for every row that a text can show", () => {
    const lacking = symptoms.filter((row) => row.patterns.length > 0 && row.example === undefined);
    assert.deepEqual(
      lacking.map((row) => row.id),
      [],
    );
  });

  it("says of each text that was not recorded where it was read", () => {
    for (const { id, source } of symptoms)
      if ("reported" in source)
        for (const { where, link } of source.reported) assert.ok(where !== "" && /^https:\/\/\S+$/.test(link), id);
  });

  it("sets no map or list as a text, which Pulumi refuses", () => {
    const { config } = parse(readFileSync(path.join(repositoryRoot, "Pulumi.yaml"), "utf8")) as {
      config: Record<string, { type?: string }>;
    };
    for (const { id, command } of symptoms)
      for (const [, key = ""] of command?.matchAll(/config set (?:--secret )?(\w+)/g) ?? [])
        assert.doesNotMatch(config[key]?.type ?? "", /object|array/, id);
  });

  it("says of what is taken as a whole that a field alone unsets the others", () => {
    const partial = symptoms.filter(({ command }) => /--path (?:downloaderR|r)esources\./.test(command ?? ""));
    assert.ok(partial.length > 0);
    for (const { id, remedy } of partial) assert.match(remedy, /what is left out is unset/, id);
  });

  it("names each row, exit code and reason once in an area", () => {
    const ids = symptoms.map((row) => row.id);
    assert.equal(new Set(ids).size, ids.length);
    const keys = symptoms.flatMap((row) =>
      [...(row.exitCodes ?? []), ...(row.reasons ?? [])].map((key) => `${row.area} ${key}`),
    );
    assert.deepEqual(
      keys.filter((key, index) => keys.indexOf(key) !== index),
      [],
    );
  });

  it("says of each row what it is, what is seen, what to do and what the program does, in one line without a full stop", () => {
    for (const { id, title, sees, remedy, program } of symptoms) {
      for (const text of [title, sees, remedy, program]) {
        assert.ok(text.length > 8 && !text.includes("\n") && !text.endsWith("."), `${id}: '${text}'`);
      }
    }
  });

  // Whose remedy names what a hand has overridden.
  const overridden = "model-name-is-path";
  it("names in no way out a flag that a key sets: `extraArgs` refuses it", () => {
    const flags = Object.keys(managedFlags).map((flag) => `\`${flag}\``);
    const found = symptoms.flatMap(({ id, remedy, mend, example }) => {
      const texts = [remedy, ...(example === undefined ? [] : [mend?.(example) ?? ""])];
      return flags.filter((flag) => texts.some((text) => text.includes(flag))).map((flag) => `${id} ${flag}`);
    });
    assert.deepEqual(
      found.filter((each) => !each.startsWith(`${overridden} `)),
      [],
    );
  });

  it("names the component's own ServiceAccount, and fills in every remedy", () => {
    const { remedy } = named(symptom("scc-refused"), "coder", "team-a");
    assert.match(remedy, /`oc adm policy add-scc-to-user anyuid -z coder-sa -n team-a`/);
    for (const row of symptoms) assert.doesNotMatch(named(row, "coder", "team-a").remedy, /\{\w+\}/, row.id);
  });

  it("knows every exit code of the downloader", () => {
    const codes = symptoms.filter((row) => row.area === "downloader").flatMap((row) => row.exitCodes ?? []);
    assert.deepEqual(
      codes.sort((a, b) => a - b),
      [10, 11, 12, 13, 14, 15, 16, 17, 18, 64],
    );
  });

  it("believes an exit code more than a text, and a text more than a reason", () => {
    const text = "PermissionError: [Errno 13] Permission denied";
    assert.equal(findSymptom("downloader", { exitCode: 14, text })?.id, "downloader-disk-full");
    assert.equal(findSymptom("image", { text: "manifest unknown", reason: "ErrImagePull" })?.id, "image-not-found");
    assert.equal(findSymptom("server", { text: "all is well" }), undefined);
  });

  it("has a command for every row that a start-up can show, with nothing in it that nobody fills in", () => {
    const known = ["stack", "namespace", "deployment", "claim", "route", "account", "pod"];
    for (const { id, area, command = "" } of symptoms) {
      if (area === "client" || area === "gateway") continue;
      assert.match(command, /^(pulumi|kubectl|oc|npm run) /, id);
      const [unknown] = [...command.matchAll(/\{(\w+)\}/g)].filter(([, name = ""]) => !known.includes(name));
      assert.equal(unknown, undefined, id);
      const [, key] = /^pulumi config (?:set|rm) (?:--secret )?(\w+)/.exec(command) ?? [];
      assert.ok(key === undefined || (configKeys as string[]).includes(key), `${id}: there is no key '${key}'`);
    }
  });

  it("names commands and settings that exist in what the program does", () => {
    const program = new Command();
    addCommands(program);
    const words = new Set([
      ...program.commands.flatMap((command) => [
        command.name(),
        ...command.options.map(({ long }) => `${command.name()} ${long}`),
      ]),
      ...configKeys,
    ]);
    const named = symptoms.flatMap(({ id, program: text }) =>
      [...text.matchAll(/`([a-z][A-Za-z]*(?:-[a-z]+)*(?: --[a-z-]+)?)`/g)].map(([, word = ""]) => ({ id, word })),
    );
    // Values, fields of others, and programs.
    const others = ["anyuid", "restricted", "up", "python", "destroy", "hosted_vllm"];
    assert.ok(named.length > 50);
    assert.deepEqual(
      named.filter(({ word }) => !words.has(word) && !others.includes(word)),
      [],
    );
  });

  it("says nowhere of what only clients meet that `up` waits for it", () => {
    const page = readFileSync(path.join(repositoryRoot, "docs/faults.md"), "utf8");
    const clients = symptoms.filter(({ area }) => area === "client");
    for (const { sees } of clients) {
      const entry = page.split(/^#+ /m).find((text) => text.startsWith(`${sees}\n`));
      assert.ok(entry !== undefined && !/`up`\s+waits/.test(entry), sees);
    }
  });
});
