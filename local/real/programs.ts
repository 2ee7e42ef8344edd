/** What runs on the node: for each program its command line and the files that it reads. Pure. */
import { join } from "node:path";
import { stringify } from "yaml";
import type { NodeLayout } from "./layout";
import { dnsService, type NodeNetwork, podCidr, serviceCidr } from "./network";

/** One program of the node. */
export interface NodeProgram {
  readonly name: string;
  readonly command: readonly string[];
  /** "host": it stands in the machine's network instead of the node's. */
  readonly network?: "host";
  /** Its files by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What the programs are made from. */
export interface NodeParts {
  readonly layout: NodeLayout;
  readonly network: NodeNetwork;
  /** The API server's port on the machine's loopback; inside the cell it has the same one. */
  readonly apiPort: number;
  /** The cluster's authority, which the API server's client certificate is from. */
  readonly caFile: string;
  readonly tools: Readonly<Record<"kubelet" | "kube-proxy" | "coredns", string>>;
  /** The model's folder that the Hub serves, the id by which it does, and the token that it knows. */
  readonly model: { readonly folder: string; readonly id: string; readonly token: string };
}

export const nodeName = "real-node";
export const pauseImage = "local.test/real-node/pause:1";
export const containerdSocket = "/run/containerd/containerd.sock";
export const hubPort = 8080;
/** GPUs that the node is said to have: one for the model, one for what looks at it. */
export const gpuCount = 2;
/** The domain of Routes without a host. */
export const appsDomain = "apps.local.test";

const apiSocket = "/run/api.sock";

/**
 * The API server listens on the machine's loopback alone, which the cell does not share. A socket in the cell's files leads there, so that no
 * port of the machine is opened to the node and no firewall has a say.
 */
function apiServer({ apiPort }: NodeParts): NodeProgram[] {
  const listen = `TCP-LISTEN:${apiPort},fork,reuseaddr,backlog=128`;
  return [
    {
      name: "api-outside",
      network: "host",
      command: ["socat", `UNIX-LISTEN:${apiSocket},fork,unlink-early`, `TCP:127.0.0.1:${apiPort}`],
    },
    { name: "api-inside", command: ["socat", listen, `UNIX-CONNECT:${apiSocket}`] },
  ];
}

function containerd(parts: NodeParts): NodeProgram {
  const file = join(parts.layout.etc, "containerd.toml");
  const cni = join(parts.layout.etc, "cni");
  const network = {
    cniVersion: "0.4.0",
    name: "pods",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: "0.0.0.0/0" }],
          dataDir: "/run/cni",
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
  return {
    name: "containerd",
    command: ["containerd", "--config", file],
    files: { [join(cni, "10-pods.conflist")]: JSON.stringify(network), [file]: containerdConfig(parts, cni) },
  };
}

/** https://github.com/containerd/containerd/blob/v1.6.20/docs/cri/config.md */
function containerdConfig({ layout }: NodeParts, cniFolder: string): string {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Containers cannot be made safer from the kernel's choice of victim than this program is.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      base_runtime_spec = "${baseSpecFile(layout)}"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${cniFolder}"
`;
}

/** What containerd starts every container from: its own default, and the mounts of the Python packages. */
export const baseSpecFile = (layout: NodeLayout): string => join(layout.etc, "base-spec.json");

function kubelet({ layout, network, caFile, tools }: NodeParts): NodeProgram {
  const file = join(layout.etc, "kubelet.yaml");
  const resolvConf = join(layout.etc, "resolv.conf");
  const configuration = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: network.node,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: caFile } },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: "cgroupfs",
    // Of this node alone: a machine's own Kubernetes has /kubepods.
    cgroupRoot: `/${network.interface}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0, // a lower one needs a capability that a container with root may not have
    clusterDNS: [dnsService],
    clusterDomain: "cluster.local",
    resolvConf,
    podLogsDir: "/var/log/pods",
    // The machine's disk and memory are its user's matter: no pod is evicted, no image removed for them.
    evictionHard: {
      "memory.available": "1Mi",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
    },
    imageGCHighThresholdPercent: 100,
  };
  return {
    name: "kubelet",
    command: [
      tools.kubelet,
      `--config=${file}`,
      `--kubeconfig=${nodeKubeconfig(layout)}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${network.node}`,
      `--cert-dir=/run/kubelet-pki`,
      `--node-labels=${Object.entries(nodeLabels)
        .map(([key, value]) => `${key}=${value}`)
        .join(",")}`,
    ],
    files: { [file]: stringify(configuration), [resolvConf]: "" },
  };
}

/** What the GPU operator would have written. No GPU is there: whoever reads the node sees that too. */
export const nodeLabels = {
  "nvidia.com/gpu.present": "true",
  "nvidia.com/gpu.product": "NVIDIA-A10G",
  "nvidia.com/gpu.memory": "23028",
  "vllm-on-openshift/gpu": "pretended",
} as const;

function kubeProxy({ layout, tools }: NodeParts): NodeProgram {
  const file = join(layout.etc, "kube-proxy.yaml");
  const configuration = {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: nodeKubeconfig(layout) },
    hostnameOverride: nodeName,
    mode: "iptables",
    clusterCIDR: podCidr,
    oomScoreAdj: 0,
    // 0: as the kernel has it.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
  return {
    name: "kube-proxy",
    command: [tools["kube-proxy"], `--config=${file}`],
    files: { [file]: stringify(configuration) },
  };
}

function coredns({ layout, network, tools }: NodeParts): NodeProgram {
  const file = join(layout.etc, "Corefile");
  const content = `.:53 {
  bind ${network.node}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig "${nodeKubeconfig(layout)}"
    pods insecure
    fallthrough in-addr.arpa
  }
  template IN A ${appsDomain} {
    answer "{{ .Name }} 5 IN A ${network.node}"
  }
  cache 5
}
`;
  return { name: "coredns", command: [tools.coredns, "-conf", file], files: { [file]: content } };
}

function hub({ network, model }: NodeParts): NodeProgram {
  const script = "/opt/real-node/hub.py";
  const served = [model.id, model.folder, model.token];
  return { name: "hub", command: ["python3", script, network.node, String(hubPort), ...served] };
}

/** The router's files. */
export function routerFiles({ etc }: NodeLayout): Record<"config" | "certificate" | "unavailable", string> {
  const folder = join(etc, "router");
  return {
    config: join(folder, "haproxy.cfg"),
    certificate: join(folder, "router.pem"),
    unavailable: join(folder, "503.http"),
  };
}

/** A master that starts new workers for each new configuration. */
export function routerProgram(layout: NodeLayout): NodeProgram {
  return { name: "haproxy", command: ["haproxy", "-W", "-db", "-f", routerFiles(layout).config] };
}

/** The address that pods download from. */
export const hubUrl = ({ node }: NodeNetwork): string => `http://${node}:${hubPort}`;

export const nodeKubeconfig = (layout: NodeLayout): string => join(layout.etc, "kubeconfig");

/** All programs, in the order in which they start. */
export function nodePrograms(parts: NodeParts): NodeProgram[] {
  return [
    ...apiServer(parts),
    containerd(parts),
    kubelet(parts),
    kubeProxy(parts),
    coredns(parts),
    hub(parts),
    routerProgram(parts.layout),
  ];
}

/** What the control plane must be started with besides, so that it reaches the node's kubelet and pods reach it. */
export function realClusterFlags(network: NodeNetwork, pkiDir: string): string[] {
  const apiServerArgs = {
    "kubelet-preferred-address-types": "InternalIP",
    "kubelet-client-certificate": join(pkiDir, "admin.crt"),
    "kubelet-client-key": join(pkiDir, "admin.key"),
    "advertise-address": network.node,
    "service-cluster-ip-range": serviceCidr,
  };
  return [
    ...Object.entries(apiServerArgs).map(([key, value]) => `--extra-args=kube-apiserver=${key}=${value}`),
    "--extra-args=kube-controller-manager=allocate-node-cidrs=false",
    // Kubernetes' own; KWOK's is an hour, for nodes of which nobody hears. https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
    "--extra-args=kube-controller-manager=node-monitor-grace-period=50s",
  ];
}
