/** A model among objects of the program's own, whose names it learns only while it runs. */
import * as core from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { createProvider, VllmInference } from "../../../../components";

const { TEST_KUBECONFIG: kubeconfig = "", TEST_CONTEXT: context = "", TEST_NAMESPACE: wanted = "" } = process.env;
const { TEST_IMAGE: image, TEST_ARGS: more = "{}", TEST_SECRET_TYPE: type = "Opaque" } = process.env;
const cluster = createProvider("cluster", { kubeconfig, context });
const own = { provider: cluster };
const namespace = new core.Namespace(wanted, {}, own).metadata.name;
// Of one name, so that another type deletes it before it makes it anew.
const metadata = { namespace, name: "their-token" };
const token = new core.Secret("token", { metadata, type, stringData: { token: "hf_theirs" } }, own);
const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "30Gi" } } };
const claim = new core.PersistentVolumeClaim(
  "models",
  { metadata: { namespace, annotations: { "pulumi.com/skipAwait": "true" } }, spec },
  own,
);
const vllm = new VllmInference("vllm", {
  cluster,
  namespace,
  createNamespace: false,
  hfTokenSecret: token.metadata.name,
  existingClaim: claim.metadata.name,
  ...(image !== undefined && { image: pulumi.output(image) }),
  ...(JSON.parse(more) as object),
});
export const url = vllm.routeUrl;
export const internalUrl = vllm.internalUrl;
export const where = namespace;
