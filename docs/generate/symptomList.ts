/** The table of symptoms as a list to look things up in, from the rows that the readiness gate and `doctor` read. */
import { defaults } from "../../components/args/defaults";
import { type Area, named, type Symptom, symptoms } from "../../components/symptoms";
import { policies } from "../../policies/index";

const areas: Readonly<Record<Area, string>> = {
  downloader: "The download (init container `model-downloader`)",
  server: "The server (container `server`)",
  image: "The image",
  container: "The container's start",
  scheduling: "The node",
  admission: "The pod is refused",
  volume: "The claim and its volume",
  route: "The Route",
  rollout: "The rollout",
  gateway: "The gateway",
  client: "The clients",
};

export function symptomList(): string {
  const shown = [...new Set(symptoms.map(({ area }) => area))];
  return shown
    .flatMap((area) => [`### ${areas[area]}`, ...symptoms.filter((row) => row.area === area).map(entry)])
    .join("\n\n");
}

function entry(row: Symptom): string {
  const { sees, title, remedy, program } = named(row, "vllm", defaults.namespace);
  const does = [program, ...policiesOf(row), ...told(row)].join("; ");
  return [
    `#### ${sees}`,
    "",
    `${capital(title)}.`,
    "",
    `- What to do: ${remedy}`,
    `- This program: ${does}`,
    `- Its text: ${sourceOf(row)}`,
  ].join("\n");
}

/** Whether the row's text was recorded from a program that ran for it, or where it was read. */
function sourceOf({ source }: Symptom): string {
  if ("recorded" in source) return `recorded from ${source.recorded}`;
  if (!("reported" in source)) return source.own;
  return `reported: ${source.reported.map(({ where, link }) => `[${where}](${link})`).join("; ")}`;
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** What tells it, and when. */
function told({ area, doom, patterns }: Symptom): string[] {
  if (area === "client") return patterns.length > 0 ? ["`smoke` names it"] : [];
  const dooms = {
    "at-once": "`up` ends at once and names it",
    repeated: "`up` ends and names it when it stays or comes back",
    never: "`up` waits, and names it when the phase's limit is reached",
  } as const;
  return [dooms[doom]];
}

/** Which policies refuse at preview what would lead to it. */
function policiesOf({ id }: Symptom): string[] {
  const own = policies.filter(({ symptom }) => symptom === id).map(({ name }) => `\`${name}\``);
  if (own.length === 0) return [];
  return [
    `${own.length === 1 ? "policy" : "policies"} ${own.join(", ")} ${own.length === 1 ? "refuses" : "refuse"} at preview what leads to it`,
  ];
}
