/** SIGTERM in the middle of a stream: vLLM with `--shutdown-timeout` gives the whole answer before it ends, from 0.24 on. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { lineKnows } from "../../components/images/known";
import { imageLine } from "../../components/images/lines";
import { freePort } from "../../local/cluster/ports";
import { withChain } from "./chain";
import { abandonAll, end, launch, urlOf } from "./processes";
import { onCpu, vllmProcess } from "./vllm";

const tokens = 300;

withChain("a server that is told to end", ({ lines, modelPath }) => {
  for (const { version, line, python } of lines) {
    if (line === undefined || lineKnows(imageLine(line), "flags", "--shutdown-timeout") !== true) continue;

    // It stops its HTTP server as soon as the engine is done, and the end of the stream was lost.
    const tries = version === "0.18.0" ? it.skip : it;
    tries(`vLLM ${version}: finishes the stream that it has begun, and then ends by itself`, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "vllm-shutdown-"));
      process.once("exit", abandonAll);
      const port = await freePort();
      const { args, env } = vllmProcess(path.dirname(path.dirname(modelPath)), port, line);
      assert.ok(args.includes("--shutdown-timeout"));
      const server = await launch(
        `vllm-${version}`,
        python,
        args,
        { ...env, ...onCpu(python, version) },
        [`${urlOf(port)}/health`],
        folder,
        () => undefined,
      );
      try {
        const exited = once(server, "exit") as Promise<[number | null, string | null]>;
        const answer = await fetch(`${urlOf(port)}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            model: "Ping",
            messages: [{ role: "user", content: "say hello" }],
            // Long enough to be in the middle of it.
            ...{ max_tokens: tokens, ignore_eos: true, stream: true, stream_options: { include_usage: true } },
          }),
        });
        let received = "";
        const decoder = new TextDecoder();
        for await (const part of answer.body ?? []) {
          const isFirst = received === "";
          received += decoder.decode(part, { stream: true });
          if (!isFirst) continue;
          assert.ok(!received.includes("[DONE]"), "the answer was over before it was interrupted");
          server.kill("SIGTERM");
        }
        assert.match(received, /data: \[DONE\]\s*$/);
        assert.match(received, new RegExp(`"completion_tokens":${tokens}\\b`));
        assert.deepEqual((await exited).slice(0, 1), [0]);
      } finally {
        await end(server);
        process.off("exit", abandonAll);
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
