/** The gateway's configuration as a table, from gateway/Pulumi.yaml. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { settingTable } from "./markdown";

interface Key {
  default?: unknown;
  description?: string;
}

export function gatewayTable(): string {
  const file = path.join(__dirname, "../../gateway/Pulumi.yaml");
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, Key> };
  const settings = Object.entries(config).flatMap(([name, { default: value, description }]) =>
    description === undefined ? [] : [{ name, default: value, description: description.replace(/\s+/g, " ") }],
  );
  return settingTable(settings);
}
