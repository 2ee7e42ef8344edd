/** The images that stand in for Red Hat's and LiteLLM's: the node's Debian, made once into an OCI archive in the cache. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { withLock } from "../../shared/lock.mjs";
import { appRoot, liteLlmRoot } from "./debian";
import { pauseImage } from "./programs";

/** What an image is made of beside its one layer. https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly Env: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

/** The label by which a stand-in says what it is. */
export const standInLabel = "vllm-on-openshift/stand-in";

const path = (root: string): string => `PATH=${root}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
const cpu = "Debian with Python 3.11; vLLM 0.32.0 for CPU and its packages from PyPI, shown by the node";

/** The images by the name under which they are imported; the stack's names are tags of them. */
export const standIns: Readonly<Record<"vllm" | "litellm" | "pause", { name: string; config: ImageConfig }>> = {
  vllm: {
    name: "local.test/real-node/vllm:1",
    config: {
      Env: [
        path(appRoot),
        "HOME=/root",
        // As Red Hat's image has it.
        "HF_HUB_OFFLINE=1",
        // On a CPU the cache's size (GiB) is set, not measured; one worker is in the engine's process, and two cores have no use for more threads.
        "VLLM_CPU_KVCACHE_SPACE=1",
        "VLLM_ENABLE_V1_MULTIPROCESSING=0",
        "OMP_NUM_THREADS=1",
        "VLLM_NO_USAGE_STATS=1",
      ],
      Labels: { [standInLabel]: cpu },
    },
  },
  litellm: {
    name: "local.test/real-node/litellm:1",
    config: {
      Env: [path(liteLlmRoot), "HOME=/root"],
      Entrypoint: ["python", "-c", "from litellm import run_server; run_server()"],
      Labels: { [standInLabel]: "Debian with Python 3.11; LiteLLM and its packages from PyPI, shown by the node" },
    },
  },
  pause: {
    name: pauseImage,
    config: {
      Env: [path("/usr")],
      Entrypoint: ["/bin/sleep", "infinity"],
      Labels: { [standInLabel]: "a process that waits" },
    },
  },
};

/** Not in an image: what only the node itself runs, and what a container gets from its runtime. */
const left = ["./proc/*", "./sys/*", "./dev/*", "./usr/bin/containerd*", "./usr/bin/ctr", "./usr/sbin/runc"].concat(
  "./usr/sbin/haproxy",
  "./usr/lib/cni",
);

/** The archive with all images, made where it is missing. */
export async function imageArchive(debian: string, log: (line: string) => void): Promise<string> {
  const hash = createHash("sha256")
    .update(JSON.stringify([standIns, left]))
    .digest("hex")
    .slice(0, 12);
  const archive = `${debian}-images-${hash}.tar`;
  if (existsSync(archive)) return archive;
  return withLock(`${archive}.lock`, async () => {
    if (!existsSync(archive)) await make(debian, archive, log);
    return archive;
  });
}

async function make(debian: string, archive: string, log: (line: string) => void): Promise<void> {
  const started = Date.now();
  log("making the images that stand in for vLLM's and LiteLLM's");
  const folder = `${archive}.partial`;
  await rm(folder, { recursive: true, force: true });
  const blobs = join(folder, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  const layerFile = join(folder, "layer.tar");
  const excluded = left.map((pattern) => `--exclude=${pattern}`);
  await execa("tar", ["-C", debian, "--numeric-owner", ...excluded, "-cf", layerFile, "."]);
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", ...(await described(layerFile)) };
  await rename(layerFile, join(blobs, layer.digest.slice("sha256:".length)));
  const write = async (mediaType: string, content: object) => {
    const file = join(folder, "blob.json");
    await writeFile(file, JSON.stringify(content));
    const descriptor = { mediaType, ...(await described(file)) };
    await rename(file, join(blobs, descriptor.digest.slice("sha256:".length)));
    return descriptor;
  };
  const manifests = [];
  for (const { name, config } of Object.values(standIns)) {
    const described = await write("application/vnd.oci.image.config.v1+json", {
      architecture: "amd64",
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: [layer.digest] },
    });
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const manifest = await write(mediaType, { schemaVersion: 2, mediaType, config: described, layers: [layer] });
    manifests.push({ ...manifest, annotations: { "io.containerd.image.name": name } });
  }
  await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
  await writeFile(join(folder, "index.json"), JSON.stringify(index));
  const packed = join(dirname(archive), `.${hashOf(archive)}.tar.partial`);
  await execa("tar", ["-C", folder, "-cf", packed, "oci-layout", "index.json", "blobs"]);
  await rm(folder, { recursive: true });
  await rename(packed, archive);
  log(`the images are made, in ${Math.round((Date.now() - started) / 1000)} s`);
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

async function described(file: string): Promise<{ digest: string; size: number }> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return { digest: `sha256:${hash.digest("hex")}`, size: (await stat(file)).size };
}
