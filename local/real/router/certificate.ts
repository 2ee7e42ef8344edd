/** The router's certificate, of an authority made for it, and its first configuration. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { inCell } from "../cell";
import type { NodeLayout } from "../layout";
import type { NodeNetwork } from "../network";
import { appsDomain, routerFiles } from "../programs";
import { oneWord, routerConfig } from "./config";

const days = "3650";
const systemCertificates = "/etc/ssl/certs/ca-certificates.crt";

export async function prepareRouter(layout: NodeLayout, cell: number, network: NodeNetwork): Promise<void> {
  const files = routerFiles(layout);
  const folder = dirname(files.config);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(files.certificate)) await makeCertificate(layout, folder, cell);
  const system = existsSync(systemCertificates) ? readFileSync(systemCertificates, "utf8") : "";
  writeFileSync(layout.trusted, system + readFileSync(layout.routerCa, "utf8"));
  writeFileSync(files.unavailable, unavailable);
  // Later ones are written beside the node, while it runs. One that leads elsewhere is from before the clone was moved.
  if (existsSync(files.config) && readFileSync(files.config, "utf8").includes(oneWord(files.certificate))) return;
  const nothing = { routes: [], services: [], slices: [] };
  writeFileSync(files.config, routerConfig({ address: network.node, ...files, ...nothing }));
}

async function makeCertificate(layout: NodeLayout, folder: string, cell: number): Promise<void> {
  const openssl = async (...args: string[]) => {
    const [command, ...rest] = inCell(cell, ["openssl", ...args]) as [string, ...string[]];
    return (await execa(command, rest)).stdout;
  };
  const at = (name: string): string => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", days];
  const authority = ["-subj", "/CN=router of npm run local", "-addext", "basicConstraints=critical,CA:TRUE"];
  const usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  await openssl("req", "-x509", ...key, ...authority, ...usage, "-keyout", at("ca.key"), "-out", layout.routerCa);
  const names = ["-addext", `subjectAltName=DNS:*.${appsDomain}`, "-addext", "basicConstraints=critical,CA:FALSE"];
  const signer = ["-CA", layout.routerCa, "-CAkey", at("ca.key")];
  const made = ["-keyout", at("tls.key"), "-out", at("tls.crt")];
  await openssl("req", "-x509", ...key, ...signer, "-subj", `/CN=*.${appsDomain}`, ...names, ...made);
  const both = readFileSync(at("tls.crt"), "utf8") + readFileSync(at("tls.key"), "utf8");
  writeFileSync(`${at("router.pem")}.partial`, both, { mode: 0o600 });
  renameSync(`${at("router.pem")}.partial`, at("router.pem"));
}

/** What OpenShift's router answers, in short. */
const unavailable = `HTTP/1.0 503 Service Unavailable\r
Pragma: no-cache\r
Cache-Control: private, max-age=0, no-cache, no-store\r
Connection: close\r
Content-Type: text/html\r
\r
<html><body><h1>Application is not available</h1>
<p>The application is currently not serving requests at this endpoint. It may not have been started or is still starting.</p></body></html>
`;
