import "./shared/inOneFile.cjs";
import { createProvider, outputsOf, SharedNamespace, VllmInference } from "./components";
import { readConfig } from "./components/config/readConfig";
import { firstModel } from "./components/config/models";
import { tellRoom } from "./components/room";

const { connection, shared, models } = readConfig();
const cluster = createProvider("cluster", connection);
const space = shared && [new SharedNamespace(firstModel, { cluster, ...shared })];
const made = Object.entries(models).map(
  ([name, args]) =>
    [name, new VllmInference(name, { cluster, ...args }, { ...(space && { dependsOn: space }) })] as const,
);

export = outputsOf(Object.fromEntries(made), tellRoom(connection, models));
