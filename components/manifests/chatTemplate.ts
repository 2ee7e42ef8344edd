import type * as k8s from "@pulumi/kubernetes/types/input";
import type { ResolvedArgs } from "../args/resolve";
import { type Context, metadata } from "./labels";
import type { Mount } from "./volumes";

const folder = "/etc/vllm/chat-template";
const file = "chat-template.jinja";

/** Where the server finds the template. */
export const templatePath = `${folder}/${file}`;

export function chatTemplateConfigMap(context: Context, template: string): k8s.core.v1.ConfigMap {
  return { metadata: metadata(context, context.args.names.chatTemplateConfigMap), data: { [file]: template } };
}

export function templateMount({ names }: ResolvedArgs): Mount {
  const source = { configMap: { name: names.chatTemplateConfigMap } };
  return { name: "chat-template", mountPath: folder, readOnly: true, source };
}
