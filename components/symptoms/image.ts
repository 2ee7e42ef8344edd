import { at, inContainerd, inContainersImage, inCrio, inKubernetes, inLinux } from "./sources";
import { recorded, reported, type Row, setting } from "./symptom";

/** What goes wrong when an image is pulled. */
export const imageSymptoms = [
  {
    id: "image-name-invalid",
    title: "the image's name is malformed",
    sees: "InvalidImageName",
    area: "image",
    reasons: ["InvalidImageName"],
    patterns: [/invalid reference format|couldn't parse image/i],
    remedy: "set `image` to a name such as registry/repository:tag or …@sha256:…",
    command: setting("image", "<image>"),
    program: "refuses it at preview",
    doom: "at-once",
    example: 'Failed to apply default image tag "registry//x": couldn\'t parse image name: invalid reference format',
    source: reported(inKubernetes("pkg/kubelet/images/types.go"), inKubernetes("pkg/util/parsers/parsers.go")),
  },
  {
    id: "image-disk-full",
    title: "the node's own disk is full",
    sees: "ErrImagePull: `no space left on device`",
    area: "image",
    patterns: [/no space left on device|disk quota exceeded/i],
    remedy:
      "make room on the node (`kubectl describe node` shows DiskPressure; unused images, logs), give it a larger disk, or use another node: the image " +
      "alone has more than 10 GB; `pvcSize` does not help",
    command: "kubectl describe node <node>",
    program: "names the node; waits a little, since the kubelet removes unused images",
    doom: "repeated",
    example: "writing blob: storing blob to file: write /var/tmp/storage1: no space left on device",
    source: reported(inLinux("errno.3")),
  },
  {
    id: "image-signature",
    title: "a signature policy of the cluster rejects the image",
    sees: "ErrImagePull, SignatureValidationFailed: `image rejected by policy`",
    area: "image",
    reasons: ["SignatureValidationFailed"],
    patterns: [
      /signature was required, but no signature exists|rejected by policy|signature validation failed/i,
      /invalid GPG signature/i,
    ],
    remedy:
      "use an image that is signed as the cluster's policy asks (a mirror must carry the signatures too), or have an admin look at the node's " +
      "policy (`ClusterImagePolicy`, `ImagePolicy`, /etc/containers/policy.json)",
    command: "kubectl get clusterimagepolicy,imagepolicy -A",
    program: "shows the policy's own words",
    doom: "at-once",
    example: "Source image rejected: A signature was required, but no signature exists",
    source: reported(inContainersImage("signature/policy_eval_signedby.go"), inCrio("server/image_pull.go")),
  },
  {
    id: "image-architecture",
    title: "the image is not built for the node's processor",
    sees: "ErrImagePull: `no image found in manifest list for architecture`",
    area: "image",
    patterns: [/no image found in (image index|manifest list) for architecture/i, /no match for platform/i],
    remedy:
      "use an image of the node's architecture (`image`), or keep the pod to nodes of the image's: `nodeSelector` `kubernetes.io/arch`",
    command: "kubectl get nodes -L kubernetes.io/arch",
    program: "names the node",
    doom: "at-once",
    example:
      'choosing image instance: no image found in manifest list for architecture "arm64", variant "v8", OS "linux"',
    source: reported(inContainersImage("internal/manifest/oci_index.go"), inContainerd("images/handlers.go")),
  },
  {
    id: "image-layer",
    title: "a layer of the image does not arrive from where the registry keeps it",
    sees: "ErrImagePull: `reading blob`, `httpReadSeeker: failed open`",
    area: "image",
    patterns: [/httpReadSeeker|failed to copy: |(reading|fetching|writing) blob\b(?![^\n]*no space left)/i],
    remedy:
      "the registry has answered, and the host that it sends the node to for layers has not, or has refused: allow that host, or look after the proxy or the " +
      "mirror between them",
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "waits, since the kubelet tries again, and says what the registry said",
    doom: "repeated",
    example: "copying system image from manifest list: reading blob sha256:1f3e",
    source: reported(
      inContainerd("remotes/docker/httpreadseeker.go"),
      inContainersImage("copy/compression.go"),
      inContainersImage("copy/blob.go"),
    ),
  },
  {
    id: "image-credentials",
    title: "the registry refuses the credentials",
    sees: "ErrImagePull: unauthorized",
    area: "image",
    patterns: [
      /unauthorized/i,
      /authentication required/i,
      /access .*denied|denied:/i,
      /no basic auth credentials/i,
      /\b40[13]\b/,
    ],
    remedy:
      "put a pull secret for the registry into the namespace and set `imagePullSecret` to its name " +
      "(registry.redhat.io needs a Red Hat account)",
    command: setting("imagePullSecret", "<secret>"),
    program: "hands `imagePullSecret` to the pod; `doctor` looks for the Secret before a deployment",
    doom: "at-once",
    example: "unable to retrieve auth token: invalid username/password: unauthorized",
    source: reported(inContainersImage("docker/errors.go"), inContainerd("remotes/docker/authorizer.go")),
  },
  {
    id: "image-not-found",
    title: "the registry has no such image",
    sees: "ErrImagePull: not found, manifest unknown",
    area: "image",
    reasons: ["ErrImageNeverPull"],
    patterns: [/manifest unknown/i, /name unknown/i, /not found/i, /does not exist/i],
    remedy: "correct `image` (name, tag or digest)",
    command: setting("image", "<image>"),
    program: "keeps the registry's own words, which Kubernetes soon replaces by ImagePullBackOff",
    doom: "at-once",
    example: "reading manifest 9.9 in registry/x: manifest unknown",
    source: reported(
      at(
        "distribution v2.8.3, registry/api/v2/errors.go",
        "https://github.com/distribution/distribution/blob/v2.8.3/registry/api/v2/errors.go",
      ),
      inContainerd("remotes/docker/resolver.go"),
    ),
  },
  {
    id: "image-registry-unreachable",
    title: "the registry cannot be reached from the node",
    sees: "ErrImagePull: a time-out, a DNS or a TLS error",
    area: "image",
    reasons: ["RegistryUnavailable"],
    patterns: [
      /time-?out|deadline exceeded/i,
      /no such host|connection (refused|reset)/i,
      /x509|tls/i,
      /\b(429|50[0234])\b|toomanyrequests/i,
      /\bEOF\b/,
    ],
    remedy:
      "check that the node reaches the registry (proxy, mirror, certificate), or use an image from one that it reaches",
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "keeps the registry's own words, which Kubernetes soon replaces by ImagePullBackOff",
    doom: "repeated",
    example: "dial tcp 203.0.113.7:443: i/o timeout",
    source: recorded("Kubernetes 1.34.2 and containerd 1.6.20, a kubelet"),
  },
  {
    id: "image-pull",
    title: "the image cannot be pulled",
    sees: "ErrImagePull, ImagePullBackOff",
    area: "image",
    reasons: ["ErrImagePull", "ImagePullBackOff", "ImageInspectError"],
    patterns: [],
    remedy: "check `image` and `imagePullSecret`",
    command: "kubectl describe pod {pod} -n {namespace}",
    program: "shows the kubelet's message",
    doom: "repeated",
    source: recorded("Kubernetes 1.34.2 and containerd 1.6.20, a kubelet"),
  },
] as const satisfies readonly Row[];
