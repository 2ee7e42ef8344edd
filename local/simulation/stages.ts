import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { type Fault, faults, terminationMessage } from "./faults";

/** A KWOK Stage, as far as this program looks into it. */
export interface Stage extends KubernetesObject {
  spec: { resourceRef: { kind: string }; selector: { matchAnnotations?: Record<string, string> } };
}

const lists = { init: "initContainerStatuses", container: "containerStatuses" } as const;

/** jq: the seconds from a container's start until a fault strikes. */
const seconds = {
  start: "0",
  load: '.metadata.annotations["simulation/load-seconds"] // "0" | tonumber',
} as const;

/** Every Stage: those of `stages/`, and those that the templates give for each fault and each list of containers. */
export function loadStages(): Stage[] {
  const folder = join(__dirname, "stages");
  const plain = readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .flatMap((file) => parseStages(readFileSync(join(folder, file), "utf8")));
  const perList = Object.entries(lists).flatMap(([name, list]) =>
    ["restart", "config"].flatMap((template) => render(template, { name, list })),
  );
  return [...plain, ...perList, ...Object.entries(faults).flatMap(([name, fault]) => faultStages(name, fault))];
}

/** The Stages that play one fault; none for those that the simulation's process plays. */
export function faultStages(name: string, fault: Fault): Stage[] {
  switch (fault.kind) {
    case "crash":
      return render("crash", {
        fault: name,
        container: fault.container,
        list: fault.container === "server" ? lists.container : lists.init,
        exitCode: String(fault.exitCode),
        reason: fault.reason,
        seconds: seconds[fault.at],
        message: templated(terminationMessage(fault.log)),
      });
    case "image":
      return render("image", {
        fault: name,
        message: templated(fault.message),
        backOff: templated(`Back-off pulling image "{image}": ErrImagePull: ${fault.message}`),
      });
    case "create":
      return render("create", { fault: name, message: templated(fault.message) });
    case "process":
      return [];
  }
}

/** A fault's text as a YAML string in a Go template: its placeholders become variables that the template has set. */
function templated(text: string): string {
  return JSON.stringify(text).replace(/\{(model|owner|mount|image|repository|tag)\}/g, "{{ $$$1 }}");
}

function render(template: string, values: Record<string, string>): Stage[] {
  const text = readFileSync(join(__dirname, "stages", "templates", `${template}.yaml`), "utf8");
  return parseStages(
    text.replace(/@(\w+)@/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${template}.yaml wants @${name}@, which has no value`);
      return value;
    }),
  );
}

function parseStages(text: string): Stage[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS() as Stage;
  });
}
