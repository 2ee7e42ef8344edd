/** Reads what the Pulumi engine wrote to `--event-log`: one event a line, as its Automation API reads them. Pure. */
import type { EngineEvent, PolicyEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { fieldChanges } from "./fields";
import type { Change, FieldChange, PreviewReport } from "./report";

type Step = StepEventMetadata;

/** Written by every pack that has judged a resource: the engine has it, the SDK's types (3.276.0) have not. */
interface RecordedEvent extends EngineEvent {
  policyAnalyzeSummaryEvent?: { policyPackName: string };
}

export type Outputs = Readonly<Record<string, unknown>>;

export interface PreviewEvents {
  changes: Change[];
  outputs: FieldChange[];
  /** The stack's outputs as they are; a secret and what is not known yet are marks. */
  previous: Outputs;
  /** The stack's outputs as they will be; as they are, where the program did not come to its end. Undefined where nothing is told of the stack. */
  next: Outputs | undefined;
  policies: PreviewReport["policies"];
  /** What the program says of the model and its GPU. */
  notes: string[];
  errors: string[];
}

/** Of this repository's own components. */
const component = /\bvllm-(inference|gateway):index:/;

export function readEvents(log: string): PreviewEvents {
  const events = log
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as RecordedEvent);
  const steps = events.flatMap(({ resourcePreEvent }) => (resourcePreEvent ? [resourcePreEvent.metadata] : []));
  // The engine tells of the stack when it begins, with the outputs as they are, and again when the program has given new ones.
  const stackStep = events
    .flatMap(({ resOutputsEvent }) => (resOutputsEvent ? [resOutputsEvent.metadata] : []))
    .findLast(({ type }) => type === "pulumi:pulumi:Stack");
  const findings = events.flatMap(({ policyEvent }) => (policyEvent ? [finding(policyEvent)] : []));
  const packs = events.flatMap(({ policyAnalyzeSummaryEvent: summary }) => (summary ? [summary.policyPackName] : []));
  const told = events.flatMap(({ diagnosticEvent }) => (diagnosticEvent ? [diagnosticEvent] : []));
  const errors = told.filter(({ severity }) => severity === "error");
  const notes = told.filter(({ severity, urn }) => /^(info|warning)/.test(severity) && urn && component.test(urn));
  return {
    changes: madeAnew(steps).flatMap(changeOf),
    outputs: stackStep ? fieldChanges(stackStep.old?.outputs ?? {}, stackStep.new?.outputs ?? {}) : [],
    previous: stackStep?.old?.outputs ?? {},
    next: stackStep?.new?.outputs,
    policies: { packs: [...new Set(packs)], findings },
    notes: texts(notes),
    errors: texts(errors),
  };
}

function texts(diagnostics: readonly { message: string }[]): string[] {
  return [...new Set(diagnostics.map(({ message }) => plain(message)).filter((message) => message !== ""))];
}

const operations: Readonly<Record<string, Change["operation"]>> = {
  create: "create",
  update: "update",
  delete: "delete",
  // A replacement also shows as `create-replacement` and `delete-replaced`.
  replace: "replace",
};

function changeOf({ op, urn, type, old, new: next }: Step): Change[] {
  const operation = operations[op];
  // A component, a provider and the stack itself are nothing that runs in a cluster.
  const isCustom = !type.startsWith("pulumi:") && !component.test(type);
  if (operation === undefined || !isCustom) return [];
  // Everybody who may look at the namespace reads what a ConfigMap holds.
  const readable = type.endsWith(":ConfigMap");
  const fields = old?.inputs && next?.inputs ? fieldChanges(old.inputs, next.inputs, readable).slice(0, 200) : [];
  const metadata = (next?.inputs ?? old?.inputs)?.["metadata"] as { name?: unknown } | undefined;
  const name = typeof metadata?.name === "string" ? metadata.name : (urn.split("::").at(-1) ?? urn);
  return [{ operation, kind: type.slice(type.lastIndexOf(":") + 1), name, fields }];
}

/** An object whose name tells its content is made anew beside the old one, which goes last: to a reader it is one that is replaced. */
function madeAnew(steps: readonly Step[]): Step[] {
  const stem = ({ type, urn }: Step): string => `${type} ${urn.replace(/-[0-9a-f]{10}$/, "-")}`;
  const isNamed = ({ urn }: Step): boolean => /-[0-9a-f]{10}$/.test(urn);
  const gone = steps.filter((step) => step.op === "delete" && isNamed(step));
  const pairs = new Map<Step, Step>();
  for (const step of steps.filter((each) => each.op === "create" && isNamed(each))) {
    const old = gone.find((each) => stem(each) === stem(step) && ![...pairs.values()].includes(each));
    if (old) pairs.set(step, old);
  }
  const paired = new Set(pairs.values());
  return steps
    .filter((step) => !paired.has(step))
    .map((step) => {
      const old = pairs.get(step)?.old;
      return old ? { ...step, op: "replace", old } : step;
    });
}

function finding(event: PolicyEvent): PreviewReport["policies"]["findings"][number] {
  const { policyName, message } = event;
  // The SDK's type knows no `advisory`, which is what the engine writes.
  const written: string = event.enforcementLevel;
  const level = written === "mandatory" || written === "advisory" ? written : "other";
  return { policy: policyName, level, message: plain(message) };
}

/** Without the engine's colour marks. */
export function plain(message: string): string {
  return message
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .trim()
    .slice(0, 4_000);
}
