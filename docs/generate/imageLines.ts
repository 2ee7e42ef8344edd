import { knownBy } from "../../components/images/known";
import { type ImageLine, imageLines } from "../../components/images/lines";
import { table } from "./markdown";

function messages(line: ImageLine): string[] {
  return knownBy(line, "endpoints").filter((path) => /^\/v1\/messages(\/count_tokens)?$/.test(path));
}

/** The image lines, and how much the vLLM in each is known to take. */
export function imageLineTable(): string {
  const rows = imageLines.map((line: ImageLine) => [
    line.preview ? `${line.name} (preview)` : line.name,
    `\`${line.repository.replace("*", "cuda")}\``,
    line.vllm,
    line.cuda,
    String(line.driver),
    String(knownBy(line, "toolParsers").length || "not asked"),
    messages(line).join(", ") || "not asked",
    line.source,
  ]);
  return table(
    ["Line", "Repository", "vLLM", "CUDA", "Oldest driver", "Tool parsers", "Anthropic's endpoints", "Read in"],
    rows,
  );
}
