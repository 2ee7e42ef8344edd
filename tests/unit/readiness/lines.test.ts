/** Lines of real programs, each alone and in a crash cut as a kubelet cuts it: its own row, and no other's. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { findSymptom, told } from "../../../components/symptoms";
import { withoutNames } from "../../../components/readiness/kubelet";
import { serverCause } from "../../../components/readiness/exits";
import { recordings, terminationMessage } from "../../recorded/recordings";

interface Line {
  from: string;
  line: string;
  right: string;
  /** What the mend says. */
  mend?: string;
}

const lines = parse(readFileSync(path.join(__dirname, "lines.yaml"), "utf8")) as Record<
  "server" | "image" | "container" | "admission",
  Line[]
>;

describe("a line of the server, in the place of a recorded crash's cause", () => {
  const crash = recordings().find(({ fault, version }) => fault === "truncated-shard" && version === "0.32.0");
  const put = (line: string): string[] =>
    (crash?.lines ?? []).map((each) =>
      /SafetensorError: /.test(each) ? each.replace(/\S*SafetensorError: .*/, line) : each,
    );

  for (const { line, right, mend } of lines.server) {
    it(`${right}: ${line.slice(0, 90)}`, () => {
      const log = put(line);
      assert.ok(log.length > 50 && log.some((each) => each.includes(line)));
      const { row } = serverCause(log);
      assert.equal(row?.id ?? "none", right);
      // Alone, as the last words of a program that said nothing else.
      assert.equal(serverCause([`(EngineCore_DP0 pid=84) ${line}`]).row?.id ?? "none", right);
      if (mend !== undefined) assert.ok(row?.remedy.includes(mend), row?.remedy);
      // What a kubelet keeps of it is the API server's end: no row takes that for the cause.
      assert.equal(serverCause(terminationMessage(log).split("\n")).row, undefined);
    });
  }
});

const image = "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.403";

for (const area of ["image", "container", "admission"] as const) {
  describe(`a text about the ${area}`, () => {
    for (const { line, right } of lines[area])
      it(`${right}: ${line.slice(0, 90)}`, () => {
        const row = findSymptom(area, { text: area === "image" ? withoutNames(line, image) : line });
        assert.equal(row?.id ?? "none", right);
        if (row) assert.ok(told(row, line).remedy.length > 0);
      });
  });
}
