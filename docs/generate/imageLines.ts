import { knownBy } from "../../components/images/known";
import { type ImageLine, imageLines } from "../../components/images/lines";
import { table } from "./markdown";

/** Which of them it answers; the second by its last part. */
function messages(line: ImageLine): string[] {
  const known = knownBy(line, "endpoints").filter((path) => /^\/v1\/messages(\/count_tokens)?$/.test(path));
  return known.map((path) => `\`${path.replace(/^.*(?=\/count_tokens)/, "…")}\``);
}

const nameOf = (line: ImageLine): string => (line.preview ? `${line.name} (preview)` : line.name);

/** The image lines, and how much the vLLM in each is known to take; below, where that was read. */
export function imageLineTable(): string {
  const rows = imageLines.map((line: ImageLine) => [
    nameOf(line),
    `\`${line.repository.replace("*", "cuda")}\``,
    line.vllm,
    line.cuda,
    String(line.driver),
    String(knownBy(line, "toolParsers").length || "not asked"),
    messages(line).join(", ") || "not asked",
  ]);
  const head = ["Line", "Repository", "vLLM", "CUDA", "Oldest driver", "Tool parsers", "Anthropic's endpoints"];
  const sources = imageLines.map((line) => `- ${nameOf(line)}: ${line.source}`);
  return [table(head, rows), "", "Read in:", "", ...sources].join("\n");
}
