import * as pulumi from "@pulumi/pulumi";
import { modelKeyNames } from "./schema";

/** A text whose `pulumi config` commands set what this one of several models has of its own, not the default of all beside the map. */
export function ownSettings(text: string, model: string): string {
  return text.replaceAll(/\b(pulumi config (?:set|rm)) (?:--path )?(\w+)\b/g, (whole, verb: string, key: string) =>
    (modelKeyNames as readonly string[]).includes(key) ? `${verb} --path models.${model}.${key}` : whole,
  );
}

/** Whether this program's configuration names it among other models; another program's may have anything under that key. */
export function isOneOfModels(name: string): boolean {
  try {
    const named: unknown = JSON.parse(new pulumi.Config().get("models") ?? "");
    return typeof named === "object" && named !== null && Object.hasOwn(named, name) && Object.keys(named).length > 1;
  } catch {
    return false;
  }
}
