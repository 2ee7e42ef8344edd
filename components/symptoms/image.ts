import { type Symptom, setting } from "./symptom";

/** What goes wrong when an image is pulled. */
export const imageSymptoms: readonly Symptom[] = [
  {
    id: "image-name-invalid",
    title: "the image's name is malformed",
    sees: "InvalidImageName",
    area: "image",
    reasons: ["InvalidImageName"],
    patterns: [/invalid reference format|couldn't parse image/i],
    remedy: "set `image` to a name such as registry/repository:tag or …@sha256:…",
    command: setting("image", "<image>"),
    doom: "at-once",
    example: 'Failed to apply default image tag "registry//x": couldn\'t parse image name: invalid reference format',
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
    doom: "at-once",
    example: "unable to retrieve auth token: invalid username/password: unauthorized",
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
    doom: "at-once",
    example: "reading manifest 9.9 in registry/x: manifest unknown",
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
    doom: "repeated",
    example: "dial tcp 203.0.113.7:443: i/o timeout",
  },
  {
    id: "image-pull",
    title: "the image cannot be pulled",
    sees: "ErrImagePull, ImagePullBackOff",
    area: "image",
    reasons: ["ErrImagePull", "ImagePullBackOff", "SignatureValidationFailed", "ImageInspectError"],
    patterns: [],
    remedy: "check `image` and `imagePullSecret`",
    command: "kubectl describe pod {pod} -n {namespace}",
    doom: "repeated",
  },
];
