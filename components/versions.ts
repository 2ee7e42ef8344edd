/** Which vLLM serves, where neither the image's name nor `imageLine` says it: what the server has answered, remembered in the component's outputs. */
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedArgs } from "./args/resolve";
import { oncePerProgram, valueOf } from "./cluster/engine";
import { thisOwner } from "./hooks/ownership";
import { lineOfImage, lineOfVersion } from "./images/lineOf";
import type { ImageLine } from "./images/lines";
import type { VersionAnswer } from "./readiness";

/** Of one component. */
export class VersionMemory {
  private heard: { version: string | undefined } | undefined;

  constructor(private readonly component: pulumi.Resource) {}

  /** What came of asking the server that now serves. Of a digest it holds what was heard before: what that names does not change. */
  hear(image: string, answer: VersionAnswer): void {
    if ("version" in answer) this.heard = { version: answer.version };
    else if (!image.includes("@")) this.heard = { version: undefined };
  }

  /** What the server of this very image has answered: now, or when an `up` last waited for it. */
  async versionOf(image: string): Promise<string | undefined> {
    if (this.heard) return this.heard.version;
    const [all, urn] = await Promise.all([oncePerProgram(readOwnState), valueOf(this.component.urn)]);
    const { vllmVersion, image: remembered } = all[urn]?.outputs ?? {};
    return remembered === image ? vllmVersion : undefined;
  }

  async lineOf(image: string): Promise<ImageLine | undefined> {
    const version = await this.versionOf(image);
    return version === undefined ? undefined : lineOfVersion(version);
  }
}

/** What is said of an answer, and whether it is a warning. */
export function answerText(
  { component, image, imageLine }: { component: string; image: string; imageLine?: string | undefined },
  answer: VersionAnswer,
): { text: string; isWarning?: true } | undefined {
  if ("why" in answer) {
    if (imageLine !== undefined) return undefined;
    return {
      text: `${component}: which vLLM serves was not told (${answer.why}); \`imageLine\` says the image's line`,
    };
  }
  const line = lineOfVersion(answer.version);
  const its = `vLLM ${answer.version}, which is ${line === undefined ? "of no line that is known" : `that of line ${line.name}`}`;
  if (imageLine === undefined) return { text: `${component}: its server answers that it is ${its}` };
  if (line?.name === imageLine) return undefined;
  // An earlier image of the line, or a later one: of a line only the vLLM of its last image is known.
  if (line === undefined) return { text: `${component}: its server answers that it is vLLM ${answer.version}` };
  const text = `${component}: the server of ${image} answers that it is ${its}, and \`imageLine\` says ${imageLine}; correct it, or take it out`;
  return { text, isWarning: true };
}

/** Whether only the server can say it: a digest, or a mirror of another name. */
export const saysNothing = ({ image }: Pick<ResolvedArgs, "image">): boolean => lineOfImage(image) === undefined;

type State = Record<string, { outputs?: { vllmVersion?: string; image?: string } }>;

/** The outputs of every resource of this stack, as the last operation has left them. An engine gives a program those of its components in no other way. */
async function readOwnState(): Promise<State> {
  const read = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName: thisOwner() })) as {
    outputs?: State;
  };
  return read.outputs ?? {};
}
