/** Previews one stack after the other on one embedded cluster; a gateway sees what its models' stacks were found to publish. */
import path from "node:path";
import { messageOf } from "../shared/errors";
import { startSimulatedModel } from "../local/simulation/model";
import { plain } from "./events";
import { type Options, previewStack } from "./previewStack";
import { type StackName, plan, referenceOf, referencesOf, shownName } from "./projects";
import type { Found } from "./published";
import { bounded, failedReport, type PreviewReport } from "./report";

type Common = Omit<Options, "moreToCome" | "gateUrl" | "published">;

export async function previewAll(
  asked: readonly StackName[],
  known: readonly StackName[],
  common: Common,
): Promise<PreviewReport[]> {
  const { base, head } = common;
  const roots = [head, ...(base.folder === undefined ? [] : [base.folder])];
  const referred = new Map<string, string[]>();
  for (const stack of asked) referred.set(shownName(stack), await referencesOf(stack, roots));
  const planned = plan(asked, known, (stack) => referred.get(shownName(stack)) ?? []);
  const published = new Map<string, Found>();
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
  options: Options & { published: Map<string, Found> },
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
    const failure = plain(messageOf(error));
    options.published.set(referenceOf(stack), { failure });
    return bounded(failedReport(name, options.base.commit, failure));
  }
}
