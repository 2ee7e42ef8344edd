/** Which part of the program uses which, as a Mermaid graph drawn from the imports. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const root = path.resolve(__dirname, "../..");

/** The parts by what their files' paths begin with; the first that fits counts. */
const parts: readonly (readonly [prefix: string, name: string])[] = [
  ["index.ts", "index.ts"],
  ["components/args/", "components/args"],
  ["components/capacity/", "components/capacity"],
  ["components/cluster/", "components/cluster"],
  ["components/config/", "components/config"],
  ["components/hooks/", "components/hooks"],
  ["components/manifests/", "components/manifests"],
  ["components/readiness/", "components/readiness"],
  ["components/symptoms/", "components/symptoms"],
  ["components/text/", "components/text"],
  ["components/", "components"],
  ["policies/", "policies"],
  ["gateway/", "gateway"],
  ["ops/", "ops"],
  ["ci/", "ci"],
  ["local/", "local"],
  ["shared/", "shared"],
];

export function architectureGraph(): string {
  const edges = new Set(imports().map(([from, to]) => (from === to ? "" : `  ${node(from)} --> ${node(to)}`)));
  edges.delete("");
  return ["```mermaid", "flowchart LR", ...[...edges].sort(), "```"].join("\n");
}

function node(part: string): string {
  return `${part.replaceAll(/\W/g, "_")}["${part}"]`;
}

/** Every import of one part's file in another's: those of types alone, and those that are only made when needed, included. */
function imports(): (readonly [from: string, to: string])[] {
  const folders = "{components,policies,gateway,ops,ci,local,shared}/**/*.ts";
  const files = ["index.ts", ...globSync(folders, { cwd: root, exclude: (name) => name.endsWith("bin") })];
  return files.flatMap((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, file), "utf8"), true, true);
    const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith("."));
    const [from] = partOf(file);
    return own
      .flatMap((name) => partOf(path.join(path.dirname(file), name)))
      .flatMap((to) => (from === undefined ? [] : [[from, to] as const]));
  });
}

/** None for what is no part, such as tests. An import names a folder's index.ts by the folder. */
function partOf(file: string): readonly string[] {
  return parts
    .filter(([prefix]) => file.startsWith(prefix) || `${file}/` === prefix)
    .map(([, name]) => name)
    .slice(0, 1);
}
