/** Every command of `npm run ops` in every bad way that an operator meets, and what it says there. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { addCommands } from "../../ops/commands";
import { simulate } from "../../local/simulation";
import { OwnKubeconfig } from "./account";
import { holdTheGpu } from "../../harness/dooms";
import { ops } from "./opsCommand";
import { TestStack } from "../../harness/stack";

type Name =
  "status" | "logs" | "doctor" | "claude-code" | "smoke" | "cuda-probe" | "import" | "redownload" | "rollback";

/** In the order in which they run: the last ones stop the server. */
const typed: Readonly<Record<Name, readonly string[]>> = {
  status: ["status"],
  logs: ["logs"],
  doctor: ["doctor"],
  "claude-code": ["claude-code"],
  smoke: ["smoke"],
  "cuda-probe": ["cuda-probe"],
  import: ["import", "--yes"],
  redownload: ["redownload", "--yes"],
  rollback: ["rollback", "--yes"],
};

/** How a command ends, and sentences that it says. */
type End = readonly [exitCode: number, ...says: RegExp[]];

interface Way {
  readonly title: string;
  readonly begin: () => Promise<unknown>;
  readonly end?: () => unknown;
  readonly ends: Readonly<Record<Name, End>>;
}

describe("every operators' command", () => {
  const namespace = "ops-ways";
  let stack: TestStack;
  let users: OwnKubeconfig;
  const kubectl = (...args: string[]): Promise<string> => stack.cluster.kubectl("-n", namespace, ...args);
  const pods = async (): Promise<string[]> =>
    (await kubectl("get", "pods", "-l", "app=vllm", "-o", "name")).split("\n").filter(Boolean);
  const until = async (what: string, met: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await met()); tries++) {
      if (tries > 100) assert.fail(`not in time: ${what}`);
      await sleep(200);
    }
  };

  before(async () => {
    stack = await TestStack.create(namespace, { config: { createNamespace: false } });
  });
  after(() => stack.remove());

  it("is in this list", () => {
    const program = new Command();
    addCommands(program);
    assert.deepEqual(program.commands.map((command) => command.name()).sort(), Object.keys(typed).sort());
  });

  /** These need no cluster: what they read is in the stack's outputs, or its history, which has one `up` at most. */
  const nothingEarlier: End = [
    3,
    /^error: No(ne of the last | `pulumi up` of stack .test. has succeeded yet)[^]*: there is nothing to go back to\.$/m,
  ];
  const withoutCluster: Pick<Way["ends"], "claude-code" | "smoke" | "rollback"> = {
    rollback: nothingEarlier,
    "claude-code": [0, /^export ANTHROPIC_BASE_URL='https:\/\/vllm-ops-ways\.apps\.local\.test'$/m],
    smoke: [
      1,
      /✗ models .* cannot be reached: getaddrinfo E\w+ vllm-ops-ways\.apps\.local\.test$/m,
      /cause +nothing answers at this URL$/m,
      /^0 passed, 1 failed, \d+ skipped$/m,
    ],
  };
  const ownAlready = /^error: Deployment vllm is this stack's already: there is nothing to import\.$/m;
  const simulated =
    /^The pod was admitted, scheduled and removed; of a GPU nothing is known, because this cluster is simulated\.$/m;
  const startedAgain = /^Started again; it downloads now: npm run ops -- logs -f --stack test$/m;

  const nothing =
    /^error: Nothing is deployed: namespace ops-ways has no Deployment vllm\. `pulumi up --stack test` makes it, and `npm run ops -- doctor --stack test` checks the cluster before\.$/m;
  const noOutputs = /^error: Nothing is deployed in stack 'test'; `pulumi up/m;
  const forbidden = (verb: string, what: string): RegExp =>
    new RegExp(
      `^error: .*User "system:serviceaccount:ops-ways:nobody" cannot ${verb} resource "${what}" in API group ".*" in the ` +
        'namespace "ops-ways"\\. Ask the admin of the namespace for that right; the role `\\w+` holds what these commands need\\.$',
      "m",
    );
  const gone = /^error: Cannot read the cluster of context 'gone': connect ECONNREFUSED 127\.0\.0\.1:59999\.$/m;

  const ways: readonly Way[] = [
    {
      title: "where nothing is deployed",
      begin: () => stack.cluster.kubectl("create", "namespace", namespace),
      ends: {
        status: [3, nothing],
        logs: [3, nothing],
        doctor: [0, /^skipped +start-up: nothing is deployed$/m, /^0 errors, /m],
        "claude-code": [3, noOutputs],
        smoke: [3, noOutputs],
        "cuda-probe": [0, simulated],
        import: [3, /^error: There is nothing to import: namespace ops-ways has no Deployment vllm\.$/m],
        redownload: [3, nothing],
        rollback: nothingEarlier,
      },
    },
    {
      title: "where the cluster does not answer",
      begin: async () => {
        const { exitCode, text } = await stack.up();
        assert.equal(exitCode, 0, text);
        users = await OwnKubeconfig.create(stack);
        await users.addAccount("nobody");
        await users.addCluster("gone", "https://127.0.0.1:59999", "nobody");
        users.use("gone");
      },
      end: () => users.leave(),
      ends: {
        status: [4, gone],
        logs: [4, gone],
        doctor: [
          4,
          /^ERROR +cluster: Cannot read the cluster of context 'gone': connect ECONNREFUSED 127\.0\.0\.1:59999\.?$/m,
          /^skipped +rights: the cluster does not answer$/m,
        ],
        ...withoutCluster,
        "cuda-probe": [4, gone],
        import: [4, gone],
        redownload: [4, gone],
      },
    },
    {
      title: "where this account has no rights",
      begin: () => Promise.resolve(users.use("nobody")),
      end: () => users.leave(),
      ends: {
        status: [5, forbidden("get", "deployments")],
        logs: [5, forbidden("get", "deployments")],
        doctor: [1, /^ERROR +rights: missing: get, create, patch, delete deployments in namespace ops-ways$/m],
        ...withoutCluster,
        "cuda-probe": [5, forbidden("get", "pods")],
        import: [5, forbidden("get", "\\w+")],
        redownload: [5, forbidden("get", "deployments")],
      },
    },
    {
      title: "where two pods share the claim",
      begin: async () => {
        await kubectl("scale", "deployment/vllm", "--replicas=2");
        await kubectl("rollout", "status", "deployment/vllm", "--timeout=60s");
      },
      ends: {
        // It serves; that it is not as the stack wants it is drift.
        status: [
          0,
          /^ +but 2 pods share one claim: npm run ops -- doctor --stack test$/m,
          /^pod +vllm-[^]*^pod +vllm-/m,
          /^drift +Deployment vllm: spec\.replicas is 2, the stack wants 1 \(set by 'kubectl'\)$/m,
        ],
        logs: [0, /^── pod vllm-\S+, container server$/m, /Application startup complete\.$/m],
        doctor: [1, /^ERROR +pods: 2 pods \(vllm-\S+, vllm-\S+\) and 2 replicas share a ReadWriteOnce claim/m],
        ...withoutCluster,
        "cuda-probe": [0, simulated],
        import: [1, ownAlready],
        redownload: [0, startedAgain],
      },
    },
    {
      title: "on a server that crashes again and again",
      begin: async () => {
        await until("redownload has left one pod", async () => (await pods()).length === 1);
        await simulate(stack.cluster.kubeconfig, namespace, { fault: "server-cuda" });
        await kubectl("delete", "pod", "-l", "app=vllm");
        const crashed = "jsonpath={.items[*].status.containerStatuses[*].lastState.terminated.exitCode}";
        await until(
          "the server has crashed",
          async () => (await kubectl("get", "pods", "-l", "app=vllm", "-o", crashed)) !== "",
        );
      },
      end: () => simulate(stack.cluster.kubeconfig, namespace, { fault: undefined }),
      ends: {
        status: [
          1,
          /^trouble +the GPU's driver is too old for the image's CUDA$/m,
          /^ +(mend: )?use the RHAIIS image/m,
        ],
        logs: [0, /^── pod vllm-\S+, container server$/m, /Error 803: system has unsupported display driver/],
        doctor: [1, /^ERROR +start-up: the GPU's driver is too old for the image's CUDA/m],
        ...withoutCluster,
        "cuda-probe": [0, simulated],
        import: [1, ownAlready],
        redownload: [0, startedAgain],
      },
    },
  ];

  for (const { title, begin, end, ends } of ways) {
    describe(title, () => {
      before(begin);
      after(() => end?.());
      for (const [name, args] of Object.entries(typed) as [Name, string[]][]) {
        const [exitCode, ...says] = ends[name];
        it(`${name} ends with ${exitCode} and says why`, async () => {
          const ended = await ops(stack, ...args);
          for (const sentence of says) assert.match(ended.text, sentence);
          assert.equal(ended.exitCode, exitCode, ended.text);
          assert.doesNotMatch(ended.text, /\n +at .*\.[jt]s:\d+/, "no stack trace");
        });
      }
    });
  }

  describe("and in ways that only one of them meets", () => {
    it("smoke, where the router has no ready pod to send it to", async () => {
      const router = createServer((_request, response) => {
        response.writeHead(503, { "content-type": "text/html" }).end("<h1>Application is not available</h1>");
      });
      await once(router.listen(0, "127.0.0.1"), "listening");
      const { port } = router.address() as AddressInfo;
      const { exitCode, stdout } = await ops(stack, "smoke", "--url", `http://127.0.0.1:${port}`);
      router.close();
      assert.equal(exitCode, 1, stdout);
      assert.match(stdout, /✗ models .* answered 503$/m);
      assert.match(stdout, /cause +no ready pod stands behind the Route\n +remedy +the pod is not ready/);
      assert.match(stdout, /^0 passed, 1 failed, \d+ skipped$/m);
    });

    it("cuda-probe, where the only GPU is the model's", async () => {
      await holdTheGpu(stack, "full");
      const tolerations = ["nvidia.com/gpu", "pool"].map((key) => ({ key, operator: "Exists", effect: "NoSchedule" }));
      stack.configure({ nodeSelector: { pool: "full" }, tolerations });
      const { exitCode, stderr } = await ops(stack, "cuda-probe");
      stack.configure({ nodeSelector: undefined, tolerations: undefined });
      assert.equal(exitCode, 1, stderr);
      assert.match(
        stderr,
        /Pod cuda-probe cannot run: no GPU is free\.\n +Said: .*gpu-full has 1, not that many of them free/,
      );
      assert.match(stderr, /What to do: free a GPU \(`kubectl --kubeconfig \S+ --context \S+ get pods -A -o wide`/);
      assert.equal(await kubectl("get", "pod", "cuda-probe", "--ignore-not-found"), "");
    });

    it("cuda-probe, whose time ends before its image has come", async () => {
      await simulate(stack.cluster.kubeconfig, namespace, { pull: 3600 });
      const { exitCode, stderr } = await ops(stack, "cuda-probe", "--timeout", "2");
      await simulate(stack.cluster.kubeconfig, namespace, { pull: undefined });
      assert.equal(exitCode, 1, stderr);
      assert.match(
        stderr,
        /^error: Pod cuda-probe did not end within 2 s: pulling: cuda-probe: ContainerCreating\.\n +What to do: see what/m,
      );
      assert.equal(await kubectl("get", "pod", "cuda-probe", "--ignore-not-found"), "");
    });
  });
});
