// The hosts of a real node's Routes, for one command and what it starts: without them in a name server, and with no file of the machine
// changed. Plain JavaScript: bootstrap.mjs needs it before TypeScript can run.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const mark = "VLLM_LOCAL_NAMES";

/** The state folder's files that a command is shown, where a real node has left them. */
function files(stateDir) {
  const node = join(stateDir, "node");
  return { hosts: join(node, "hosts"), ca: join(node, "etc", "router", "ca.crt") };
}

/**
 * The command, run where its /etc/hosts has the Routes' hosts too, and the environment in which Node trusts their certificate. As they are
 * where there is no real node, or this process sees the names already.
 */
export function withRouteNames(stateDir, command, env) {
  const { hosts, ca } = files(stateDir);
  if (env[mark] === hosts || process.getuid?.() !== 0 || !existsSync(hosts) || !existsSync(ca)) return { command, env };
  const mounted = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
  return {
    command: ["unshare", "--mount", "--propagation", "slave", "sh", "-c", mounted, "sh", hosts, ...command],
    env: { ...env, [mark]: hosts, NODE_EXTRA_CA_CERTS: withYours(ca, env["NODE_EXTRA_CA_CERTS"]) },
  };
}

/** Node reads one file more than its own: where the user names one already, one that holds both. */
function withYours(ca, yours) {
  if (!yours || !existsSync(yours)) return ca;
  const both = join(dirname(ca), "with-yours.crt");
  const partial = `${both}.${process.pid}.partial`;
  writeFileSync(partial, `${readFileSync(yours, "utf8").trimEnd()}\n${readFileSync(ca, "utf8")}`);
  renameSync(partial, both);
  return both;
}
