import { readFileSync } from "node:fs";
import path from "node:path";
import { downloaderMounts } from "../../components/manifests/downloader";
import { volumes } from "../../components/manifests/volumes";
import type { ResolvedArgs } from "../../components/args/resolve";
import type { HelperEnd, HelperPod } from "./pod";
import type { OpsStack } from "../stack/openStack";

/** Python that runs in a helper pod: the whole of it shows the GPU, with `hub` only whether the Hub answers. */
export const probeScript = readFileSync(path.join(__dirname, "../scripts/cuda_probe.py"), "utf8");

/** What a container needs to ask the Hub as the download does: endpoint, proxy and authority of the stack's configuration. */
export function asDownloader(args: ResolvedArgs): {
  env: Record<string, string>;
  volumeMounts: { name: string; mountPath: string; readOnly: boolean }[];
  volumes: unknown[];
} {
  const ca = downloaderMounts(args).filter(({ name }) => name === "trusted-ca");
  return {
    env: {
      ...(args.hfEndpoint !== undefined && { HF_ENDPOINT: args.hfEndpoint }),
      ...(args.httpsProxy !== undefined && { HTTPS_PROXY: args.httpsProxy }),
      ...(args.noProxy !== undefined && { NO_PROXY: args.noProxy }),
      ...Object.fromEntries(ca.map(({ mountPath }) => ["SSL_CERT_FILE", `${mountPath}/ca-bundle.crt`])),
    },
    volumeMounts: ca.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
    volumes: volumes(ca),
  };
}

/** On the stack's image and nodes, without a GPU and without any privilege. */
export function hubPod({ args }: Pick<OpsStack, "args">, timeoutSeconds: number): HelperPod {
  const { env, volumeMounts, volumes: mounted } = asDownloader(args);
  return {
    name: "hub-probe",
    namespace: args.namespace,
    command: "doctor",
    timeoutSeconds,
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      tolerations: args.tolerations,
      nodeSelector: args.nodeSelector,
      ...(args.imagePullSecret !== undefined && { imagePullSecrets: [{ name: args.imagePullSecret }] }),
      containers: [
        {
          name: "hub-probe",
          image: args.image,
          command: ["python3", "-c", probeScript, "hub"],
          env: Object.entries(env).map(([name, value]) => ({ name, value })),
          resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } },
          volumeMounts,
          terminationMessagePolicy: "FallbackToLogsOnError",
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
      volumes: mounted,
    },
  };
}

/** What the Hub's probe has said; undefined where no container ran, because the cluster is simulated. */
export function hubVerdict({ exitCode, log }: HelperEnd): { reached: boolean; said: string } | undefined {
  if (log.startsWith("[simulation]")) return undefined;
  const [, said] = /^Hub: (.*)$/m.exec(log) ?? [];
  return { reached: exitCode === 0, said: said ?? (log.trim() || `the probe ended with exit code ${exitCode}`) };
}
