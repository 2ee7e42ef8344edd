import assert from "node:assert/strict";
import { redact, redactLines } from "../../../components/text/redact";

describe("log lines without secrets", () => {
  const cases: [string, string][] = [
    ["token hf_abcdEFGH1234 refused", "token hf_… refused"],
    ["Authorization: Bearer eyJhbGciOi.x.y", "Authorization: Bearer …"],
    ["key sk-litellm-0123456789", "key sk-…"],
    ["proxy http://user:pa55w0rd@proxy:3128", "proxy http://user:…@proxy:3128"],
    ['api_key="abcdefghij"', 'api_key="…"'],
    ["VLLM_API_KEY=abcdefghij0123", "VLLM_API_KEY=…"],
  ];
  for (const [line, clean] of cases) it(`hides what is secret in: ${clean}`, () => assert.equal(redact(line), clean));

  it("leaves other text alone", () => {
    const line = "model-downloader: downloading 1.2 of 5.6 GB (21 %), 85 MB/s, 52 s left";
    assert.equal(redact(line), line);
  });

  it("keeps the last state of a progress bar and drops colours and empty lines", () => {
    assert.deepEqual(redactLines("\u001b[36m0%\r50%\r100%\u001b[0m\n\n done \n"), ["100%", " done"]);
  });
});
