/** The commands that the pages show, as their reader would type them. */

/** One command of a page. */
export interface ShownCommand {
  page: string;
  text: string;
}

const fence = /^([ ]*)```(bash|sh|console)\n([\s\S]*?)^\1```/gm;

/** From fenced blocks: continued lines joined, comments and blank lines left out; of a `console` block what follows `$ `. */
export function shownCommands(page: string, markdown: string): ShownCommand[] {
  return [...markdown.matchAll(fence)].flatMap(([, indent = "", language, body = ""]) => {
    const lines = body
      .split("\n")
      .map((line) => line.slice(indent.length))
      .join("\n")
      .replaceAll(/\\\n\s*/g, "")
      .split("\n");
    const typed =
      language === "console" ? lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2)) : lines;
    return typed
      .map((line) => line.replace(/(^|\s)#\s.*$/, "").trim())
      .filter((line) => line !== "")
      .map((text) => ({ page, text }));
  });
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
