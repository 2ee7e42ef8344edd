/**
 * The hosts, all on port 443, that a download from the Hugging Face Hub may go to: the Hub answers a file's request with a redirect to one of the others.
 * Read on 2026-11-30 in https://github.com/huggingface/hub-docs/blob/242f4a1eeb867daf4ac3f44026a5df4a68908a3d/docs/hub/models-downloading.md
 */
export const hubHosts: readonly { readonly host: string; readonly what: string }[] = [
  { host: "huggingface.co", what: "the Hub: lists of files, redirects to their storage" },
  { host: "cas-server.xethub.hf.co", what: "Xet storage, United States" },
  { host: "cas-server.xethub-eu.hf.co", what: "Xet storage, Europe" },
  { host: "transfer.xethub.hf.co", what: "Xet storage, United States: the bytes" },
  { host: "transfer.xethub-eu.hf.co", what: "Xet storage, Europe: the bytes" },
  { host: "us.aws.cdn.hf.co", what: "CDN" },
  { host: "us.gcp.cdn.hf.co", what: "CDN" },
  { host: "cdn-lfs-us-1.hf.co", what: "large files, United States" },
  { host: "cdn-lfs-eu-1.hf.co", what: "large files, Europe" },
];

/** One sentence for whoever opens a firewall. Storage hosts come and go, so the suffixes are what lasts. */
export const hubHostsSentence =
  "a download needs all of huggingface.co and hf.co with their subdomains at any depth, because files come from storage hosts: " +
  `today ${hubHosts.map(({ host }) => host).join(", ")}`;
