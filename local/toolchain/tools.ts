import { versions } from "../versions";

/** The operating system and processor as Go names them. */
export interface Platform {
  os: "linux" | "darwin";
  arch: "amd64" | "arm64";
}

/** An official download and where its checksum is published. */
export interface Download {
  url: string;
  checksumUrl: string;
  /** The line of the checksum file that counts, for files that list several. */
  checksumEntry?: string;
  /** The folder inside the archive that holds the binary; absent when the file is the binary itself. */
  archiveFolder?: string;
}

/** How a tool is recognised, downloaded and built. */
export interface Tool {
  name: ToolName | NodeToolName | CheckerName | "pulumi-language-yaml";
  version: string;
  /** Arguments that make the binary print its version. */
  versionArgs: string[];
  /** True when a binary of this version serves as well as the pinned one. */
  fits(version: string): boolean;
  /** Undefined where no release with a checksum is published for the platform. */
  download(platform: Platform): Download | undefined;
  /** The module under local/tools and the package in it that `go build` takes. */
  build: { module: string; package: string; ldflags: string };
}

/** The tools of the embedded cluster. */
export const toolNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "kwokctl",
  "pulumi",
] as const;
export type ToolName = (typeof toolNames)[number];

/** What a real node (`npm run local -- --real`) needs besides; Linux only. */
export const nodeToolNames = ["kubelet", "kube-proxy", "coredns"] as const;
export type NodeToolName = (typeof nodeToolNames)[number];

/** What `npm run check` runs; the embedded cluster does without. */
export type CheckerName = "actionlint" | "kube-score";

const sameMinor = (pinned: string) => (version: string) =>
  version.split(".").slice(0, 2).join(".") === pinned.split(".").slice(0, 2).join(".");

/** Same major, and not older than the pinned version. */
const atLeast = (pinned: string) => (version: string) => {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const [pinnedMajor = 0, pinnedMinor = 0, pinnedPatch = 0] = pinned.split(".").map(Number);
  return major === pinnedMajor && (minor > pinnedMinor || (minor === pinnedMinor && patch >= pinnedPatch));
};

function kubernetesTool(name: ToolName | NodeToolName): Tool {
  const version = versions.kubernetes;
  const [major, minor] = version.split(".");
  const component = "k8s.io/component-base/version";
  return {
    name,
    version,
    // Without a server to ask: the kubectl of Google's Cloud SDK, which chooses among several versions, asks one even so.
    versionArgs: name === "kubectl" ? ["version", "--client", "--server=http://127.0.0.1:0"] : ["--version"],
    fits: sameMinor(version),
    download: ({ os, arch }) => {
      if (os !== "linux" && name !== "kubectl") return undefined; // servers are published for Linux only
      const url = `https://dl.k8s.io/v${version}/bin/${os}/${arch}/${name}`;
      return { url, checksumUrl: `${url}.sha256` };
    },
    build: {
      module: "kubernetes",
      package: `k8s.io/kubernetes/cmd/${name}`,
      ldflags: `-s -w -X ${component}.gitVersion=v${version} -X ${component}.gitMajor=${major} -X ${component}.gitMinor=${minor}`,
    },
  };
}

function kwokTool(name: ToolName): Tool {
  const version = versions.kwok;
  return {
    name,
    version,
    versionArgs: ["--version"],
    fits: sameMinor(version),
    download: () => undefined, // its releases carry no checksum file, and an unchecked binary is not taken
    build: {
      module: "kwok",
      package: `sigs.k8s.io/kwok/cmd/${name}`,
      ldflags: `-s -w -X sigs.k8s.io/kwok/pkg/consts.Version=v${version}`,
    },
  };
}

/** An archive of a project's release on GitHub, whose checksums stand in one file. */
function released(project: string, version: string, file: string, checksums: string, archiveFolder = "."): Download {
  const release = `https://github.com/${project}/releases/download/v${version}`;
  return { url: `${release}/${file}`, checksumUrl: `${release}/${checksums}`, checksumEntry: file, archiveFolder };
}

const etcd: Tool = {
  name: "etcd",
  version: versions.etcd,
  versionArgs: ["--version"],
  fits: sameMinor(versions.etcd),
  download: ({ os, arch }) => {
    const folder = `etcd-v${versions.etcd}-${os}-${arch}`;
    const file = `${folder}.${os === "linux" ? "tar.gz" : "zip"}`;
    return released("etcd-io/etcd", versions.etcd, file, "SHA256SUMS", folder);
  },
  build: { module: "kubernetes", package: "go.etcd.io/etcd/server/v3", ldflags: "-s -w" },
};

const pulumi: Tool = {
  name: "pulumi",
  version: versions.pulumi,
  versionArgs: ["version"],
  fits: atLeast(versions.pulumiOldest),
  download: ({ os, arch }) => {
    const file = `pulumi-v${versions.pulumi}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`;
    return {
      url: `https://get.pulumi.com/releases/sdk/${file}`,
      checksumUrl: `https://github.com/pulumi/pulumi/releases/download/v${versions.pulumi}/pulumi-${versions.pulumi}-checksums.txt`,
      checksumEntry: file,
      archiveFolder: "pulumi", // the language hosts lie beside the CLI, which looks for them there
    };
  },
  build: {
    module: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${versions.pulumi}`,
  },
};

/** Runs programs in YAML, for the tests of what other languages make of the components. */
const yamlHost: Tool = {
  name: "pulumi-language-yaml",
  version: versions.pulumiYaml,
  versionArgs: ["--help"], // it tells its version to the CLI alone, so that one on PATH is never taken for this one
  fits: () => false,
  download: () => undefined, // it comes with the CLI's archive, where that can be had
  build: {
    module: "pulumi-yaml",
    package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    ldflags: `-s -w -X github.com/pulumi/pulumi-yaml/pkg/version.Version=v${versions.pulumiYaml}`,
  },
};

/** The name server of a real node's pods. */
const coredns: Tool = {
  name: "coredns",
  version: versions.coredns,
  versionArgs: ["-version"],
  fits: atLeast(versions.coredns),
  download: ({ os, arch }) => {
    const file = `coredns_${versions.coredns}_${os}_${arch}.tgz`;
    const url = `https://github.com/coredns/coredns/releases/download/v${versions.coredns}/${file}`;
    return { url, checksumUrl: `${url}.sha256`, checksumEntry: file, archiveFolder: "." };
  },
  build: { module: "coredns", package: "github.com/coredns/coredns", ldflags: "-s -w" },
};

/** Reads the workflows. */
const actionlint: Tool = {
  name: "actionlint",
  version: versions.actionlint,
  versionArgs: ["--version"],
  fits: atLeast(versions.actionlint),
  download: ({ os, arch }) => {
    const name = (rest: string): string => `actionlint_${versions.actionlint}_${rest}`;
    return released("rhysd/actionlint", versions.actionlint, name(`${os}_${arch}.tar.gz`), name("checksums.txt"));
  },
  build: {
    module: "actionlint",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
    ldflags: `-s -w -X github.com/rhysd/actionlint.version=${versions.actionlint}`,
  },
};

/** Scores the manifests. */
const kubeScore: Tool = {
  name: "kube-score",
  version: versions.kubeScore,
  versionArgs: ["version"],
  fits: (version) => version === versions.kubeScore, // another one fails other checks, and the reasons are of these
  download: ({ os, arch }) => {
    const file = `kube-score_${versions.kubeScore}_${os}_${arch}.tar.gz`;
    return released("zegl/kube-score", versions.kubeScore, file, "checksums.txt");
  },
  build: {
    module: "kube-score",
    package: "github.com/zegl/kube-score/cmd/kube-score",
    ldflags: `-s -w -X main.version=${versions.kubeScore}`,
  },
};

/** Every tool by name. */
export const tools: Record<Tool["name"], Tool> = {
  actionlint,
  coredns,
  etcd,
  "kube-score": kubeScore,
  "kube-apiserver": kubernetesTool("kube-apiserver"),
  "kube-controller-manager": kubernetesTool("kube-controller-manager"),
  "kube-scheduler": kubernetesTool("kube-scheduler"),
  "kube-proxy": kubernetesTool("kube-proxy"),
  kubectl: kubernetesTool("kubectl"),
  kubelet: kubernetesTool("kubelet"),
  kwok: kwokTool("kwok"),
  kwokctl: kwokTool("kwokctl"),
  pulumi,
  "pulumi-language-yaml": yamlHost,
};
