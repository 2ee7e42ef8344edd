/** Where a model fails: the stack's outputs as those models have them that serve. */
import * as pulumi from "@pulumi/pulumi";
import { RegisterResourceOutputsRequest } from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { thisOwner } from "./hooks/ownership";
import { factsOf } from "./facts";
import type { Together } from "./readiness/together";
import type { VllmInference } from "./vllmInference";

interface Told {
  models?: Record<string, unknown>;
  apiKeys?: Record<string, unknown>;
}

/**
 * Gives the engine the outputs before `up` ends with an error: it takes the last that it was given, and leaves what is not among them as it was. The
 * program's own come too late, because they wait for every model. A model that fails, or that is about to go, has what was told of it before.
 */
export async function tellServed(models: Record<string, VllmInference>, known: Together): Promise<void> {
  const old = await readOutputs();
  const serving = Object.entries(models).filter(([name]) => known.serves(name));
  const facts = await Promise.all(
    serving.map(async ([name, model]) => [name, await settled(pulumi.output(factsOf(model)))] as const),
  );
  const keys = await Promise.all(serving.map(async ([name, { apiKey }]) => [name, await settled(apiKey)] as const));
  await register({
    models: { ...old.models, ...Object.fromEntries(facts) },
    apiKeys: pulumi.secret({ ...old.apiKeys, ...Object.fromEntries(keys.filter(([, key]) => key !== undefined)) }),
  });
}

/** What the backend has of this very stack. */
async function readOutputs(): Promise<Told> {
  const read = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: thisOwner() })) as {
    outputs?: Told;
  };
  return read.outputs ?? {};
}

function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

interface Monitor {
  registerResourceOutputs(request: RegisterResourceOutputsRequest, callback: (error: Error | null) => void): void;
}

/** The SDK's own function does not say when it is done. */
async function register(outputs: object): Promise<void> {
  const runtime = pulumi.runtime as unknown as {
    getMonitor(this: void): Monitor | undefined;
    getStackResource(this: void): pulumi.Resource | undefined;
  };
  const [monitor, stack] = [runtime.getMonitor(), runtime.getStackResource()];
  if (!monitor || !stack) return;
  const plain = (await pulumi.runtime.serializeProperties("outputs", { outputs })) as { outputs: object };
  const request = new RegisterResourceOutputsRequest();
  request.setUrn(await settled(stack.urn));
  request.setOutputs(Struct.fromJavaScript(plain.outputs as Parameters<typeof Struct.fromJavaScript>[0]));
  await new Promise<void>((resolve, reject) => {
    monitor.registerResourceOutputs(request, (error) => (error ? reject(error) : resolve()));
  });
}
