/** The rooms of docs/data/rooms.yaml as a Mermaid graph; an arrow that no import needs any more is an error. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { parse } from "yaml";
import { table } from "./markdown";

const root = path.resolve(__dirname, "../..");

interface Room {
  readonly room: string;
  readonly what: string;
  readonly uses: readonly string[];
}

const rooms = parse(readFileSync(path.join(root, "docs/data/rooms.yaml"), "utf8")) as readonly Room[];

export function architectureGraph(): string {
  const needed = imports();
  const stale = rooms.flatMap(({ room, uses }) =>
    uses.filter((used) => !needed.has(arrow(room, used))).map((used) => arrow(room, used)),
  );
  if (stale.length > 0) throw new Error(`docs/data/rooms.yaml allows what no import needs: ${stale.join(", ")}`);
  const nodes = rooms.map(({ room }) => `  ${node(room)}["${room}"]`);
  const edges = rooms.flatMap(({ room, uses }) => uses.map((used) => `  ${node(room)} --> ${node(used)}`));
  return ["```mermaid", "flowchart TD", ...nodes, ...edges, "```"].join("\n");
}

export function roomTable(): string {
  return table(
    ["Room", "What is in it"],
    rooms.map(({ room, what }) => [`\`${room}\``, what]),
  );
}

function node(room: string): string {
  return room.replaceAll(/\W/g, "_");
}

function arrow(from: string, to: string): string {
  return `${from} → ${to}`;
}

/** Every import of one room's file in another's: those of types alone, and those that are only made when needed, included. */
function imports(): ReadonlySet<string> {
  const tops = [...new Set(rooms.map(({ room }) => room.split("/")[0] ?? room))].filter((top) => !top.endsWith(".ts"));
  const exclude = (name: string): boolean => name.endsWith("bin");
  const files = ["index.ts", ...globSync(`{${tops.join(",")}}/**/*.{ts,mjs}`, { cwd: root, exclude })];
  return new Set(
    files.flatMap((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, file), "utf8"), true, true);
      const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith("."));
      return own.map((name) => arrow(roomOf(file), roomOf(path.join(path.dirname(file), name))));
    }),
  );
}

/** The room with the longest name that the file is in. An import names a folder's index.ts by the folder, and a file without `.ts`. */
function roomOf(file: string): string {
  const fits = rooms.filter(({ room }) => file === room || `${file}.ts` === room || `${file}/`.startsWith(`${room}/`));
  return fits.map(({ room }) => room).sort((one, other) => other.length - one.length)[0] ?? file;
}
