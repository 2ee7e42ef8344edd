import type { Pod, PodSpec, ResourceQuota } from "kubernetes-types/core/v1";
import type { StorageClass } from "kubernetes-types/storage/v1";
import type { Live } from "../../components/cluster/objects";
import { deployment } from "../../components/manifests/deployment";
import { nobody } from "../../components/manifests/labels";
import { parseQuantity } from "../../components/text/quantity";
import { type Check, type Checked, type CheckFinding, fine, type Skipped } from "./check";
import { type Amounts, isOwn, ownPods, podShare, sum, takesShare } from "./share";

/** What the cluster must offer before a deployment. */
export const clusterChecks: readonly Check[] = [
  { id: "cluster", title: "cluster", deployed: false, run: version },
  { id: "namespace", title: "namespace", deployed: false, run: namespace },
  { id: "storage-class", title: "storage class", deployed: false, simulated: true, run: storageClass },
  { id: "quota", title: "quota", deployed: false, run: quota },
  { id: "runtime-class", title: "runtime class", deployed: false, run: runtimeClass },
  { id: "pull-secret", title: "image pull", deployed: false, run: pullSecret },
];

async function version({ client, stack }: Checked): Promise<CheckFinding> {
  const answer = (await client.get("/version"))?.body as { gitVersion?: string } | undefined;
  return fine(`Kubernetes ${answer?.gitVersion ?? "?"} at context ${stack.connection.context}`);
}

async function namespace({ client, stack: { args } }: Checked): Promise<CheckFinding> {
  const live = await client.get(`/api/v1/namespaces/${args.namespace}`);
  const phase = (live?.body as { status?: { phase?: string } } | undefined)?.status?.phase;
  if (phase === "Terminating") {
    return {
      severity: "error",
      evidence: `${args.namespace} is being deleted`,
      mend: `kubectl get namespace ${args.namespace} -o yaml   # its conditions say what holds it`,
    };
  }
  if (live) return fine(`${args.namespace} exists`);
  if (args.createNamespace) return fine(`${args.namespace} will be made`);
  return {
    severity: "error",
    evidence: `${args.namespace} does not exist, and createNamespace is false`,
    mend: `oc new-project ${args.namespace}`,
  };
}

async function storageClass({ client, stack: { args } }: Checked): Promise<CheckFinding | Skipped> {
  if (args.existingClaim !== undefined) {
    const claim = await client.get(`/api/v1/namespaces/${args.namespace}/persistentvolumeclaims/${args.existingClaim}`);
    if (claim) return fine(`claim ${args.existingClaim} exists`);
    return {
      severity: "error",
      evidence: `there is no claim ${args.existingClaim}`,
      mend: "pulumi config rm existingClaim",
    };
  }
  const list = (await client.get("/apis/storage.k8s.io/v1/storageclasses"))?.body as
    { items: Live<StorageClass>[] } | undefined;
  const classes = list?.items ?? [];
  const isDefault = ({ metadata }: Live<StorageClass>): boolean =>
    metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
  const names = classes.map((each) => each.metadata.name).join(", ") || "none";
  const wanted = args.storageClassName;
  const found = classes.find((each) => (wanted === undefined ? isDefault(each) : each.metadata.name === wanted));
  if (found) return fine(`class ${found.metadata.name}${wanted === undefined ? ", the default" : ""}`);
  const what = wanted === undefined ? "the cluster has no default class" : `there is no class ${wanted}`;
  return {
    severity: "error",
    evidence: `${what}; there are: ${names}`,
    mend: "pulumi config set storageClassName <class>",
  };
}

/** What the stack's own pod and claim take already counts as free: they are replaced, or stay as they are. */
async function quota(context: Checked): Promise<CheckFinding | CheckFinding[]> {
  const { client, stack, seen } = context;
  const { args } = stack;
  const namespaced = `/api/v1/namespaces/${args.namespace}`;
  const list = (await client.get(`${namespaced}/resourcequotas`))?.body as { items: Live<ResourceQuota>[] } | undefined;
  const quotas = list?.items ?? [];
  if (quotas.length === 0) return fine("no quota");
  const pods = ((await client.get(`${namespaced}/pods`))?.body as { items: Live<Pod>[] } | undefined)?.items ?? [];
  const own = ownPods(context, pods).filter(takesShare);
  const ownClaim = args.existingClaim !== undefined || (isOwn(context) && seen?.snapshot.claim !== undefined);
  const claim: Amounts = { "requests.storage": number(args.pvcSize), persistentvolumeclaims: 1 };
  const asked = sum([podShare(podSpec(stack.args)), { pods: 1 }, ownClaim ? {} : claim]);
  const held = sum([...own.map(({ spec }) => podShare(spec)), { pods: own.length }]);
  const short = quotas.flatMap(({ metadata, status }) =>
    Object.entries(asked).flatMap(([resource, amount]): CheckFinding[] => {
      const hard = status?.hard?.[resource] ?? status?.hard?.[resource.replace(/^requests\./, "")];
      const used = status?.used?.[resource] ?? status?.used?.[resource.replace(/^requests\./, "")] ?? "0";
      const others = number(used) - (held[resource] ?? 0);
      if (hard === undefined || others + amount <= number(hard)) return [];
      const mine = (held[resource] ?? 0) > 0 ? `, ${shown(resource, held[resource] ?? 0)} of it by this stack` : "";
      const evidence = `ResourceQuota ${metadata.name}: ${resource} ${used} of ${hard} used${mine}, ${shown(resource, amount)} asked for`;
      return [
        {
          severity: "error",
          evidence,
          mend: `kubectl describe resourcequota ${metadata.name} -n ${args.namespace}`,
          remedy: `ask the cluster admin to raise ${resource} of it, or set smaller \`resources\`, \`downloaderResources\` or \`pvcSize\``,
        },
      ];
    }),
  );
  return short.length > 0
    ? short
    : fine(`${quotas.length === 1 ? "1 quota leaves" : `${quotas.length} quotas leave`} room`);
}

/** As Kubernetes writes it: memory and storage in Gi or Mi. */
function shown(resource: string, amount: number): string {
  if (!/memory|storage$/.test(resource)) return String(amount);
  return amount % 2 ** 30 === 0 ? `${amount / 2 ** 30}Gi` : `${Math.ceil(amount / 2 ** 20)}Mi`;
}

/** The pod as the stack would make it. */
function podSpec(args: Checked["stack"]["args"]): PodSpec {
  const { spec } = deployment({ args, owner: nobody }, {}) as unknown as { spec: { template: { spec: PodSpec } } };
  return spec.template.spec;
}

function number(quantity: string): number {
  return parseQuantity(quantity) ?? 0;
}

async function runtimeClass({ client, stack: { args } }: Checked): Promise<CheckFinding | Skipped> {
  const name = args.runtimeClassName;
  if (name === undefined) return { skipped: "none is asked for" };
  if (await client.get(`/apis/node.k8s.io/v1/runtimeclasses/${name}`)) {
    return {
      severity: "note",
      evidence: `${name} exists; some clusters' nodes have no handler for it, and then it must be left unset`,
      mend: "pulumi config rm runtimeClassName",
    };
  }
  return {
    severity: "error",
    evidence: `there is no runtime class ${name}`,
    mend: "pulumi config rm runtimeClassName",
  };
}

async function pullSecret({ client, stack: { args, name: stackName } }: Checked): Promise<CheckFinding | Skipped> {
  const registry = args.image.includes("/") ? args.image.slice(0, args.image.indexOf("/")) : "docker.io";
  const name = args.imagePullSecret;
  if (name === undefined) {
    const evidence = `no imagePullSecret: the nodes' own credentials must do for ${registry} (OpenShift's global pull secret has those of registry.redhat.io)`;
    const mend = `pulumi config set imagePullSecret <secret> --stack ${stackName}`;
    return { severity: "note", evidence, mend, remedy: "only if the nodes have none" };
  }
  const create = `oc create secret docker-registry ${name} -n ${args.namespace} --docker-server=${registry} --docker-username=… --docker-password=…`;
  const live = await client.get(`/api/v1/namespaces/${args.namespace}/secrets/${name}`);
  if (!live) return { severity: "error", evidence: `Secret ${name} does not exist`, mend: create };
  const { data = {} } = live.body as { data?: Record<string, string> };
  const registries = registriesOf(data[".dockerconfigjson"]);
  if (registries.includes(registry)) return fine(`Secret ${name} has credentials for ${registry}`);
  return {
    severity: "error",
    evidence: `Secret ${name} has none for ${registry}, but for: ${registries.join(", ") || "none"}`,
    mend: create,
  };
}

/** The hosts in a pull secret; nothing else of it is looked at. */
function registriesOf(encoded: string | undefined): string[] {
  try {
    const { auths = {} } = JSON.parse(Buffer.from(encoded ?? "", "base64").toString()) as { auths?: object };
    return Object.keys(auths).map((host) => host.replace(/^https?:\/\//, "").replace(/\/.*$/, ""));
  } catch {
    return []; // no pull secret at all
  }
}
