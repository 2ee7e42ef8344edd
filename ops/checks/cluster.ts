import { parseQuantity } from "../../components/text/quantity";
import { type Check, type Checked, type CheckFinding, fine, type Skipped } from "./check";

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

interface StorageClass {
  metadata: { name: string; annotations?: Record<string, string> };
  provisioner: string;
  volumeBindingMode?: string;
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
    { items: StorageClass[] } | undefined;
  const classes = list?.items ?? [];
  const isDefault = ({ metadata }: StorageClass): boolean =>
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

interface Quota {
  metadata: { name: string };
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

async function quota({ client, stack: { args }, seen }: Checked): Promise<CheckFinding | CheckFinding[] | Skipped> {
  if (seen) return { skipped: "it is deployed, and its own share counts" };
  const list = (await client.get(`/api/v1/namespaces/${args.namespace}/resourcequotas`))?.body as
    { items: Quota[] } | undefined;
  const asked: [string, string][] = [
    ["requests.nvidia.com/gpu", String(args.tensorParallelSize)],
    ["requests.storage", args.existingClaim === undefined ? args.pvcSize : "0"],
    ["persistentvolumeclaims", args.existingClaim === undefined ? "1" : "0"],
    ["pods", "1"],
    ["requests.cpu", args.resources.requests?.cpu ?? "0"],
    ["requests.memory", args.resources.requests?.memory ?? "0"],
    ["limits.cpu", args.resources.limits?.cpu ?? "0"],
    ["limits.memory", args.resources.limits?.memory ?? "0"],
  ];
  const short = (list?.items ?? []).flatMap(({ metadata, status }) =>
    asked.flatMap(([resource, amount]): CheckFinding[] => {
      const hard = status?.hard?.[resource] ?? status?.hard?.[resource.replace(/^requests\./, "")];
      const used = status?.used?.[resource] ?? status?.used?.[resource.replace(/^requests\./, "")] ?? "0";
      if (hard === undefined || number(used) + number(amount) <= number(hard)) return [];
      const evidence = `ResourceQuota ${metadata.name}: ${resource} ${used} of ${hard} used, ${amount} asked for`;
      return [
        {
          severity: "error",
          evidence,
          mend: `kubectl describe resourcequota ${metadata.name} -n ${args.namespace}`,
          remedy: `ask the cluster admin to raise ${resource} of it, or set a smaller \`resources\` or \`pvcSize\``,
        },
      ];
    }),
  );
  return short.length > 0 ? short : fine(list?.items.length ? `${list.items.length} quotas leave room` : "no quota");
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
