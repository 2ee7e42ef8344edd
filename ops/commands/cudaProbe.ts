import { type Command, InvalidArgumentError, Option } from "commander";
import { findSymptom } from "../../components/symptoms";
import { type ExitCode, exitCodes } from "../terminal/exitCodes";
import { type HelperEnd, type HelperPod, runHelperPod } from "../helper/pod";
import { asDownloader, probeScript } from "../helper/hubProbe";
import { progress } from "../terminal/progress";
import type { OpsStack } from "../stack/openStack";
import { print, rows } from "../terminal/print";
import { stackOf } from "./options";

export function addCudaProbe(command: Command): void {
  command
    .addOption(
      new Option("--timeout <seconds>", "how long it may take, the image's first pull included")
        .argParser(positive)
        .default(1800),
    )
    .action(async (options: { timeout: number }, command: Command) => {
      const stack = await stackOf(command);
      const client = await stack.client();
      const shown = progress();
      const pod = { ...probePod(stack, options.timeout), stack };
      const end = await runHelperPod(client, pod, shown.say).finally(shown.end);
      const { text, exitCode } = verdict(end);
      print(text);
      process.exitCode = exitCode;
    });
}

/** On the stack's image and where its pod would run; it needs no privilege, so no SCC is asked for. */
export function probePod({ args }: Pick<OpsStack, "args">, timeoutSeconds: number): HelperPod {
  const { env: network, volumeMounts, volumes } = asDownloader(args);
  const env = { NVIDIA_VISIBLE_DEVICES: "all", NVIDIA_DRIVER_CAPABILITIES: "compute,utility", ...network };
  return {
    name: "cuda-probe",
    namespace: args.namespace,
    command: "cuda-probe",
    timeoutSeconds,
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      tolerations: args.tolerations,
      nodeSelector: args.nodeSelector,
      ...(args.runtimeClassName !== undefined && { runtimeClassName: args.runtimeClassName }),
      ...(args.imagePullSecret !== undefined && { imagePullSecrets: [{ name: args.imagePullSecret }] }),
      containers: [
        {
          name: "cuda-probe",
          image: args.image,
          command: ["python3", "-c", probeScript],
          env: Object.entries(env).map(([name, value]) => ({ name, value })),
          resources: {
            requests: { cpu: "100m", memory: "1Gi", [args.gpuResource]: "1" },
            limits: { cpu: "1", memory: "4Gi", [args.gpuResource]: "1" },
          },
          volumeMounts,
          terminationMessagePolicy: "FallbackToLogsOnError",
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
      volumes,
    },
  };
}

/** What the probe's words mean. */
export function verdict({ exitCode, log }: HelperEnd): { text: string; exitCode: ExitCode } {
  const lines = log.split("\n").filter((line) => line !== "");
  const simulated = lines.find((line) => line.startsWith("[simulation]"));
  if (simulated !== undefined) {
    return {
      text: `${simulated}\nThe pod was admitted, scheduled and removed; of a GPU nothing is known, because this cluster is simulated.`,
      exitCode: exitCodes.fine,
    };
  }
  const pairs = lines.flatMap((line): [string, string][] => {
    const [, name, value] = /^([\w./ -]+?): (.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
  if (exitCode === 0) return { text: `${rows(pairs)}\n\nCUDA works from this image.`, exitCode: exitCodes.fine };
  const row = findSymptom("server", { text: log });
  const mend = row ? `: ${row.title}\nWhat to do: ${row.remedy}.` : ".";
  return {
    text: `${pairs.length > 0 ? rows(pairs) : log}\n\nCUDA does not work from this image (exit code ${exitCode})${mend}`,
    exitCode: exitCodes.trouble,
  };
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It must be a whole number of seconds.");
  return number;
}
