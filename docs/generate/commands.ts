/** The commands that the pages show, as their reader would type them. */

/** One command of a page. */
export interface ShownCommand {
  page: string;
  text: string;
}

/** A command of a block: it is typed, and the page may say how it ends. */
export interface TypedCommand extends ShownCommand {
  /** Its comment; see docs/index.md for the words that a reader, and the test that walks the pages, goes by. */
  note: string;
  /** Whether the page has its reader open another terminal before. */
  terminal: boolean;
  /** What a `console` block shows of its output, line by line. */
  output: string[];
}

const fence = /^([ ]*)```(bash|sh|console)\n([\s\S]*?)^\1```/gm;

/** From fenced blocks: continued lines joined, comments and blank lines left out; of a `console` block what follows `$ `. */
export function shownCommands(page: string, markdown: string): TypedCommand[] {
  return [...markdown.matchAll(fence)].flatMap(([, indent = "", language, body = ""]) => {
    const lines = body
      .split("\n")
      .map((line) => line.slice(indent.length))
      .join("\n")
      .replaceAll(/\\\n\s*/g, "")
      .trimEnd()
      .split("\n");
    return language === "console" ? ofConsole(page, lines) : ofScript(page, lines);
  });
}

function ofConsole(page: string, lines: readonly string[]): TypedCommand[] {
  return lines.reduce<TypedCommand[]>((all, line) => {
    if (line.startsWith("$ ")) all.push({ page, ...parts(line.slice(2)), terminal: false, output: [] });
    else all.at(-1)?.output.push(line);
    return all;
  }, []);
}

function ofScript(page: string, lines: readonly string[]): TypedCommand[] {
  let terminal = false;
  return lines.flatMap((line) => {
    const { text, note } = parts(line);
    if (text === "") {
      terminal ||= note === "in another terminal";
      return [];
    }
    const command = { page, text, note, terminal, output: [] };
    terminal = false;
    return [command];
  });
}

function parts(line: string): { text: string; note: string } {
  const [, text = "", note = ""] = /^(.*?)(?:(?:^|\s)#\s(.*))?$/.exec(line.trimEnd()) ?? [];
  return { text: text.trim(), note };
}

const programs = /^(npm|npx|pulumi|kubectl|oc|eval|curl|hf|git) \S/;

/** The commands in a page's sentences and tables, between backquotes. */
export function inlineCommands(page: string, markdown: string): ShownCommand[] {
  const prose = markdown.replaceAll(/^[ ]*```[\s\S]*?^[ ]*```$/gm, "");
  return [...prose.matchAll(/`([^`]+)`/g)]
    .map(([, code = ""]) => code.replaceAll(/\s+/g, " ").trim())
    .filter((text) => programs.test(text) && !text.endsWith("…"))
    .map((text) => ({ page, text }));
}

/** Whether a pattern with `*` for anything fits the whole command. */
export function fits(pattern: string, command: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(command);
}
