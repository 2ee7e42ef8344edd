import { type Problem, problem } from "../text/errors";
import { isModelId } from "../text/syntax";
import type { ResolvedArgs } from "./resolve";
import { isRevision } from "./revision";
import type { LoraAdapter } from "./servingArgs";

/** What `--max-lora-rank` takes: MaxLoRARanks in vllm/config/lora.py, the same from 0.13.0 to 0.32.0. */
const ranks = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const;
const defaultRank = 16;

/** `--max-lora-rank` for the adapters: the least that holds all of them. */
export function loraRank(adapters: readonly LoraAdapter[]): number {
  const highest = Math.max(...adapters.map(({ rank = defaultRank }) => rank));
  return ranks.find((rank) => rank >= highest) ?? ranks.at(-1)!;
}

export function loraProblems({ loraAdapters, modelId, servedModelNames }: ResolvedArgs): Problem[] {
  return loraAdapters.flatMap((adapter, index) => {
    const field = (name: keyof LoraAdapter): string => `loraAdapters[${index}].${name}`;
    const earlier = loraAdapters.slice(0, index);
    const problems: Problem[] = [];
    if (!/^[A-Za-z0-9][\w.-]*$/.test(adapter.name)) {
      const rule = "be of letters, digits, ., _ and -";
      problems.push(problem(field("name"), adapter.name, rule, "set a name such as sql"));
    } else if ([...servedModelNames, ...earlier.map(({ name }) => name)].includes(adapter.name)) {
      const rule = "be another than the names of the model and of the other adapters";
      problems.push(problem(field("name"), adapter.name, rule, "set another name"));
    }
    if (!isModelId(adapter.modelId)) {
      const rule = "be an adapter on the Hugging Face Hub, as owner/name";
      problems.push(problem(field("modelId"), adapter.modelId, rule, "set the id that its page has"));
    } else if ([modelId, ...earlier.map((other) => other.modelId)].includes(adapter.modelId)) {
      const rule =
        "be another than those of the model and of the other adapters, because each has one place on the claim";
      problems.push(problem(field("modelId"), adapter.modelId, rule, "set another adapter, or leave this one out"));
    }
    if (adapter.revision !== undefined && !isRevision(adapter.revision)) {
      const rule = "be a commit, a tag or a branch";
      problems.push(problem(field("revision"), adapter.revision, rule, "set a commit of the adapter, or leave it out"));
    }
    const { rank = defaultRank } = adapter;
    if (!Number.isInteger(rank) || rank < 1 || rank > ranks.at(-1)!) {
      const rule = `be a whole number from 1 to ${ranks.at(-1)}`;
      problems.push(problem(field("rank"), rank, rule, "set r as the adapter's adapter_config.json has it"));
    }
    return problems;
  });
}
