/** Figures of a model out of files that the user names: its config.json, a listing of its files, or the figures themselves. */
import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { parse } from "yaml";
import { figuresOfConfig, isMap, weightBytesOf } from "../../components/capacity/fromConfig";
import type { ModelFigures } from "../../components/capacity/types";
import { messageOf } from "../../shared/errors";

export interface OwnFiles {
  readonly config?: Record<string, unknown>;
  /** Bytes of the weights. */
  readonly files?: number;
  /** As `modelFigures` of the stack's configuration. */
  readonly figures?: Partial<ModelFigures>;
}

/** The figures in a YAML file. What they have to be is resolveFigures' to say. */
export function figuresIn(file: string): Partial<ModelFigures> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    const [reason] = error instanceof Error ? error.message.split("\n") : [String(error)];
    throw new InvalidArgumentError(`It must be a readable YAML file: ${reason}.`);
  }
  if (!isMap(content)) throw new InvalidArgumentError("It must hold a map, as modelFigures does in docs/models.md.");
  return content;
}

/** A model's own config.json. */
export function configIn(file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new InvalidArgumentError(`It must be a readable config.json: ${messageOf(error).split("\n")[0]}.`);
  }
  if (!isMap(content)) throw new InvalidArgumentError("It must hold a map, as the config.json of a model does.");
  return content;
}

/** What the files in a listing weigh. */
export function weightsIn(file: string): number {
  let bytes: number | undefined;
  try {
    bytes = weightBytesOf(readFileSync(file, "utf8"));
  } catch (error) {
    throw new InvalidArgumentError(`It must be a readable listing: ${messageOf(error).split("\n")[0]}.`);
  }
  if (bytes === undefined)
    throw new InvalidArgumentError("It must name *.safetensors files with their sizes in bytes.");
  return bytes;
}

/** Figures by --config and --files, under those of --figures; a sentence where config.json has what is not modelled here. */
export function ownFigures({ config, files, figures }: OwnFiles): { given?: Partial<ModelFigures>; refused?: string } {
  const { figures: read = {}, unknown = [] } = config ? figuresOfConfig(config) : {};
  const left = unknown.filter((name) => !(name.startsWith("quantization") && figures?.quantization !== undefined));
  if (left.length > 0) {
    const refused = `The config.json has what is not reckoned with here: ${left.join(", ")}. Give the figures with --figures.`;
    return { refused };
  }
  if (config === undefined && files === undefined) return figures === undefined ? {} : { given: figures };
  return { given: { ...read, ...(files !== undefined && { weightBytes: files }), ...figures } };
}
