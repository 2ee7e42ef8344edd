import { parseImage } from "../text/syntax";
import { type ImageLine, imageLines } from "./lines";

/**
 * The line that an image's reference shows: by the end of its repository, which mirrors keep, and its tag. A tag that floats over several
 * lines (`:3`) stands for the last of its repository. Undefined for a digest without a tag, and for other images.
 */
export function lineOfImage(image: string): ImageLine | undefined {
  const { repository, tag } = parseImage(image) ?? {};
  if (repository === undefined || tag === undefined) return undefined;
  const lines = imageLines.filter((line) => pattern(line.repository).test(repository));
  const exact = lines.find(({ name }) => tag === name || tag.startsWith(`${name}.`) || tag.startsWith(`${name}-`));
  return exact ?? (tag === "3" || tag === "latest" ? lines.at(-1) : undefined);
}

/**
 * The line that holds a vLLM, as a server names it at `/version`: Red Hat's builds add to the number, as `0.11.2+rhai5`. Only the very number
 * counts: what a vLLM between two lines takes is not known.
 */
export function lineOfVersion(version: string): ImageLine | undefined {
  const [number] = version.split("+");
  return imageLines.find(({ vllm }) => vllm === number);
}

/** Whether a version that a server names is of a build of Red Hat's: another's has the same vLLM, and maybe another CUDA. */
export function isRedHats(version: string): boolean {
  return version.includes("+rhai");
}

/** Whether a line lies in a repository that has ended before the current line. */
export function endsBefore(line: ImageLine, current: ImageLine): boolean {
  const [at, now] = [line, current].map(({ name }) => imageLines.findIndex((each) => each.name === name));
  return line.repository !== current.repository && at! < now!;
}

function pattern(repository: string): RegExp {
  return new RegExp(`(^|/)${repository.replace("*", "[a-z0-9]+")}$`);
}
