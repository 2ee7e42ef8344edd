/** The Python packages of the images, and the tiny model: the same that the ring `chain` uses, in the cache. */
import { join } from "node:path";
import { execa } from "execa";
import { UserError } from "../../shared/errors";
import { repositoryRoot } from "../paths";
import { sitePackages } from "./debian";

export interface PythonParts {
  readonly vllm: string;
  readonly litellm: string;
  readonly model: string;
}

/** The site-packages of vLLM and LiteLLM and the model's folder; made where they are missing, which takes minutes. */
export async function pythonParts(): Promise<PythonParts> {
  const script = join(repositoryRoot, "tests", "chain", "environments.py");
  const made = await execa("python3", [script], { stderr: ["pipe", "inherit"], reject: false });
  if (made.exitCode !== 0) throw new UserError(`the packages of vLLM cannot be made: ${made.stderr.trim()}`);
  const { vllm, litellm, model } = JSON.parse(made.stdout) as PythonParts;
  const packages = (python: string): string => join(python, "..", "..", sitePackages);
  return { vllm: packages(vllm), litellm: packages(litellm), model };
}
