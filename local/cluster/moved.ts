import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "yaml";
import { type ClusterLayout, clusterLayout } from "./spec";

/**
 * Where this cluster was set up, if its folder has been moved since: what was started there still runs under the former paths, on the files
 * that are here now. Undefined for a cluster in its place, and for a copy, whose original is still there.
 */
export function formerStateDir({ kwokConfig, workDir, kubeconfig }: ClusterLayout): string | undefined {
  if (!existsSync(kwokConfig)) return undefined;
  const before = workDirOf(readFileSync(kwokConfig, "utf8"));
  const inside = workDir.slice(dirname(kubeconfig).length);
  if (before === undefined || before === workDir || !before.endsWith(inside) || existsSync(before)) return undefined;
  return before.slice(0, -inside.length);
}

/** The same as a layout. */
export function formerLayout(layout: ClusterLayout): ClusterLayout | undefined {
  const former = formerStateDir(layout);
  return former === undefined ? undefined : clusterLayout(former);
}

/** kwokctl writes it with each component: https://kwok.sigs.k8s.io/docs/generated/apis/#config.kwok.x-k8s.io/v1alpha1.Component */
function workDirOf(kwokConfig: string): string | undefined {
  const [, scalar] = /^ {2}workDir: (.+)$/m.exec(kwokConfig) ?? [];
  return scalar === undefined ? undefined : String(parse(scalar));
}
