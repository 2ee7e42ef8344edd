import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import { messageOf } from "../../shared/errors";
import type { Download } from "./tools";

/** A download that did not happen; `unreachable` when the host gave no answer at all, so that asking it again is no use. */
export class DownloadError extends Error {
  constructor(
    message: string,
    readonly unreachable: boolean,
  ) {
    super(message);
  }
}

/** Time for a host's answer to begin, in milliseconds: unreachable hosts must not hold up the build that replaces the download. */
const answerTimeout = 5_000;

/** What resolving several tools in one run remembers. */
export interface DownloadSession {
  fetch: typeof fetch;
  /** Hosts that gave no answer in this run. */
  unreachableHosts: Set<string>;
  answerTimeout?: number;
}

async function request(url: string, session: DownloadSession): Promise<Response> {
  const { host } = new URL(url);
  if (session.unreachableHosts.has(host)) throw new DownloadError(`${host} cannot be reached`, true);
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, session.answerTimeout ?? answerTimeout);
  let response: Response;
  try {
    response = await session.fetch(url, { signal: abort.signal });
  } catch (error) {
    session.unreachableHosts.add(host);
    const reason = error instanceof Error && error.cause ? error.cause : error; // fetch itself says only "fetch failed"
    throw new DownloadError(`${host} cannot be reached (${messageOf(reason)})`, true);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw new DownloadError(`${url} answered ${response.status} ${response.statusText}`, false);
  return response;
}

/** The SHA-256 that a checksum file gives for the download. */
export function publishedChecksum(text: string, entry?: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const line = entry ? lines.find(([, file]) => file?.replace(/^\*/, "") === entry) : lines[0];
  return line?.[0]?.match(/^[0-9a-f]{64}$/i)?.[0].toLowerCase();
}

async function fetchVerified(download: Download, file: string, session: DownloadSession): Promise<void> {
  const sums = await (await request(download.checksumUrl, session)).text();
  const expected = publishedChecksum(sums, download.checksumEntry);
  if (!expected) throw new DownloadError(`${download.checksumUrl} has no SHA-256 of ${download.url}`, false);
  const response = await request(download.url, session);
  if (!response.body) throw new DownloadError(`${download.url} answered with no content`, false);
  try {
    await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
  } catch (error) {
    throw new DownloadError(`${download.url} broke off (${messageOf(error)})`, false);
  }
  const actual = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  if (actual !== expected) {
    throw new DownloadError(`${download.url} has SHA-256 ${actual}, its publisher says ${expected}`, false);
  }
}

/** Puts the downloaded and checked binary at `target`; nothing is there until it is whole. */
export async function downloadTool(download: Download, target: string, session: DownloadSession): Promise<void> {
  const partial = `${target}.${process.pid}.partial`;
  await mkdir(dirname(target), { recursive: true });
  try {
    if (download.archiveFolder === undefined) {
      await fetchVerified(download, partial, session);
      await chmod(partial, 0o755);
      await rename(partial, target);
      return;
    }
    await mkdir(partial, { recursive: true });
    const archive = join(partial, "archive");
    await fetchVerified(download, archive, session);
    await execa("tar", ["-xf", archive, "-C", partial]); // bsdtar, which reads zip too, is what macOS has
    await rm(archive);
    await placeFolder(join(partial, download.archiveFolder), target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Moves an unpacked folder's files beside `target`, and `target` itself last: it is the one whose presence means "whole". */
async function placeFolder(folder: string, target: string): Promise<void> {
  const binary = basename(target);
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  if (!names.includes(binary)) throw new DownloadError(`the archive holds no ${binary}`, false);
  for (const name of [...names.filter((other) => other !== binary), binary]) {
    await rename(join(folder, name), join(dirname(target), name));
  }
}
