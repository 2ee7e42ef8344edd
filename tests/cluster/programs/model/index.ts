// The outputs of an inference stack, without what is behind them.
import * as pulumi from "@pulumi/pulumi";

const { apiKey, ...outputs } = JSON.parse(process.env["MODEL_OUTPUTS"] ?? "{}") as Record<string, unknown>;

export = { ...outputs, ...(apiKey !== undefined && { apiKey: pulumi.secret(apiKey) }) };
