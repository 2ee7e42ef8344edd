/** The gateway's configuration as a table, from gateway/Pulumi.yaml. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

interface Key {
  default?: unknown;
  description?: string;
}

export function gatewayTable(): string {
  const file = path.join(__dirname, "../../gateway/Pulumi.yaml");
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, Key> };
  const rows = Object.entries(config)
    .filter(([, { description }]) => description !== undefined)
    .map(([name, { default: value, description = "" }]) => {
      const shown = value === "" ? "" : `\`${JSON.stringify(value)}\``;
      return `| \`${name}\` | ${shown} | ${description.replace(/\s+/g, " ")} |`;
    });
  return ["| Key | Default | What it is |", "| --- | --- | --- |", ...rows].join("\n");
}
