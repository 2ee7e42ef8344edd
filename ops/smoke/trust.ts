import { readFileSync } from "node:fs";
import tls from "node:tls";
import { exitCodes, OpsError } from "../terminal/exitCodes";

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Whom this process believes from now on: Routes often carry a certificate of the cluster's own authority. */
export function trust({ caFile, insecureTls }: { caFile?: string; insecureTls?: boolean }): void {
  if (caFile !== undefined) {
    try {
      const found = readFileSync(caFile, "utf8").match(certificate) ?? [];
      if (found.length === 0) throw new Error("it holds no certificate");
      tls.setDefaultCACertificates([...tls.getCACertificates("default"), ...found]);
    } catch (error) {
      const why = (error as Error).message;
      throw new OpsError(
        `'--ca-file' (${caFile}) must hold certificates as PEM: ${why}; name another file.`,
        exitCodes.usage,
      );
    }
  }
  if (insecureTls) process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
}
