/** Previews one stack after the other on one embedded cluster; a gateway sees what its models' stacks were found to publish. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "../local/errors";
import { startSimulatedModel } from "../local/simulation/model";
import { plain } from "./events";
import { type Options, previewStack } from "./previewStack";
import { type StackName, gateway, plan, referenceOf, shownName } from "./projects";
import type { Published } from "./published";
import { bounded, failedReport, type PreviewReport } from "./report";
import { plainConfig, referencesIn, withModels } from "./throwAway";

type Common = Omit<Options, "moreToCome" | "gateUrl" | "published">;

export async function previewAll(
  asked: readonly StackName[],
  known: readonly StackName[],
  common: Common,
): Promise<PreviewReport[]> {
  const referred = new Map<string, string[]>();
  for (const stack of asked) referred.set(shownName(stack), await referencesOf(stack, common));
  const planned = plan(asked, known, (stack) => referred.get(shownName(stack)) ?? []);
  const published = new Map<string, Published>();
  const reports: PreviewReport[] = [];
  const model = await startSimulatedModel();
  try {
    for (const [index, { stack, isAsked }] of planned.entries()) {
      const folder = path.join(common.folder, "stacks", stack.project.name, stack.name);
      const moreToCome = planned.slice(index + 1).some((later) => later.stack.project === stack.project);
      const report = await previewOne(stack, { ...common, folder, moreToCome, gateUrl: model.url, published });
      if (isAsked) reports.push(report);
    }
  } finally {
    await model.close();
  }
  return reports;
}

async function previewOne(
  stack: StackName,
  options: Options & { published: Map<string, Published> },
): Promise<PreviewReport> {
  const name = shownName(stack);
  try {
    const { report, published } = await previewStack(stack, options);
    if (published) options.published.set(referenceOf(stack), published);
    return bounded(report);
  } catch (error) {
    options.cancelSignal.throwIfAborted();
    // The other stacks' previews are worth reading, and this one's reviewer must see why there is none.
    options.log(
      `the preview of ${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return bounded(failedReport(name, options.base.commit, plain(messageOf(error))));
  }
}

/** The stacks that a gateway's file names, in either commit. */
async function referencesOf({ project, name }: StackName, { base, head }: Common): Promise<string[]> {
  if (project !== gateway) return [];
  const roots = [head, ...(base.folder === undefined ? [] : [base.folder])];
  const files = roots
    .map((root) => path.join(root, project.folder, `Pulumi.${name}.yaml`))
    .filter((file) => existsSync(file));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return texts.flatMap((text) =>
    referencesIn(withModels(plainConfig(text, project.name, ""), project.name), project.name),
  );
}
