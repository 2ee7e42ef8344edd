import assert from "node:assert/strict";
import { imageNotes, unknownTo } from "../../../components/args/imageLine";
import { resolveArgs } from "../../../components/args/resolve";
import { validate } from "../../../components/args/validate";
import { firstLineWith, lineKnows } from "../../../components/images/known";
import { isRedHats, lineOfImage, lineOfVersion } from "../../../components/images/lineOf";
import { currentLine, imageLine, imageLines } from "../../../components/images/lines";
import { server, serverArguments } from "../../../components/manifests/server";

const digest = `registry.redhat.io/rhaii/vllm-cuda-rhel9@sha256:${"0".repeat(64)}`;

describe("the line of an image", () => {
  const cases: [string, string | undefined][] = [
    ["registry.redhat.io/rhaiis/vllm-cuda-rhel9:3", "3.3"],
    ["registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5", "3.2"],
    ["registry.redhat.io/rhaii/vllm-cuda-rhel9:3.4.1", "3.4"],
    ["registry.redhat.io/rhaii/vllm-rocm-rhel9:3.5", "3.5"],
    ["registry.redhat.io/rhaii-fast/vllm-cuda-rhel9:3.6.0-fast.1", "3.6"],
    ["mirror.example.com:5000/redhat/rhaiis/vllm-cuda-rhel9:3.3.1", "3.3"],
    [`registry.redhat.io/rhaii/vllm-cuda-rhel9:3.5.1@sha256:${"0".repeat(64)}`, "3.5"],
    [digest, undefined],
    ["quay.io/vllm/vllm-openai:v0.24.0", undefined],
    ["registry.redhat.io/rhaii/vllm-cuda-rhel9:3.50", undefined],
  ];
  for (const [image, line] of cases)
    it(`${image}: ${line ?? "unknown"}`, () => assert.equal(lineOfImage(image)?.name, line));

  it("is what the setting says where the image does not tell", () => {
    assert.equal(resolveArgs("vllm", { image: digest, imageLine: "3.5" }).line?.vllm, "0.24.0");
    assert.equal(resolveArgs("vllm", { image: digest }).line, undefined);
  });

  it("has an end in its repository, and one sentence says so", () => {
    assert.deepEqual(imageNotes(resolveArgs("vllm", {})), [
      "The image is of line 3.3 (vLLM 0.13.0), and its repository ends at 3.3: the current line is 3.5 " +
        "(registry.redhat.io/rhaii/vllm-cuda-rhel9:3.5: vLLM 0.24.0, CUDA 13.0, driver 580 or newer).",
    ]);
    for (const name of ["3.4", "3.5", "3.6"] as const)
      assert.deepEqual(imageNotes(resolveArgs("vllm", { image: digest, imageLine: name })), [], name);
    assert.deepEqual(imageNotes(resolveArgs("vllm", { image: digest })), []);
    assert.equal(currentLine.name, "3.5");
  });
});

describe("the line of a vLLM that says which it is", () => {
  const cases: [string, string | undefined][] = [
    ["0.11.2+rhai5", "3.2"],
    ["0.13.0", "3.3"],
    ["0.18.0+rhaiv", "3.4"],
    ["0.24.0+rhaiv.3", "3.5"],
    // Near a line, and of none.
    ["0.13.1", undefined],
    ["0.24.0rc1", undefined],
    ["0.24.0.dev12+g1234567", undefined],
    ["0.32.0", undefined],
    ["", undefined],
  ];
  for (const [version, line] of cases)
    it(`${version}: ${line ?? "unknown"}`, () => assert.equal(lineOfVersion(version)?.name, line));

  it("is of a build of Red Hat's, or of another's with the same number", () => {
    assert.deepEqual(["0.13.0+rhai11", "0.24.0+cu129", "0.24.0"].map(isRedHats), [true, false, false]);
  });
});

describe("what a line's vLLM knows", () => {
  it("is what its package said, and unknown where only one of its neighbours has it", () => {
    assert.deepEqual(
      imageLines.map((line) => lineKnows(line, "flags", "--shutdown-timeout")),
      [undefined, undefined, false, true, true, true],
    );
    assert.equal(lineKnows(imageLine("3.3"), "toolParsers", "hermes"), true);
    assert.equal(lineKnows(imageLine("3.2"), "toolParsers", "hermes"), undefined);
    assert.equal(firstLineWith("toolParsers", "granite4")?.name, "3.4");
    assert.equal(firstLineWith("toolParsers", "gemma4")?.name, "3.5");
    assert.equal(firstLineWith("endpoints", "/v1/messages")?.name, "3.3");
    assert.equal(firstLineWith("endpoints", "/v1/messages/count_tokens")?.name, "3.4");
  });

  it("is asked of a parser at preview: the first line that has it is named", () => {
    const args = resolveArgs("vllm", { hfToken: "hf_x", toolCallParser: "gemma4", modelId: "some/other" });
    const [only, ...more] = validate(args).map(({ reason }) => reason);
    assert.deepEqual(more, []);
    assert.match(
      only ?? "",
      /^'toolCallParser' \(gemma4\) must be a tool-call parser of the image's vLLM \(line 3\.3, vLLM 0\.13\.0\); /,
    );
    assert.match(
      only ?? "",
      /hermes, .*, or an image of line 3\.5, the first that has it \(registry\.redhat\.io\/rhaii\/vllm-cuda-rhel9:3\.5\)\.$/,
    );
  });

  it("says of an argument that no line has that it must go", () => {
    assert.deepEqual(
      unknownTo(imageLine("3.5"), "flags", "extraArgs", "--no-such").map(({ reason }) => reason),
      [
        "'extraArgs' (--no-such) must be an argument of the image's vLLM (line 3.5, vLLM 0.24.0); take it out: no line has it.",
      ],
    );
  });
});

describe("what the server is told", () => {
  const told = (args: Parameters<typeof resolveArgs>[1]): string[] =>
    serverArguments(resolveArgs("vllm", args)).slice(-2);

  it("is to finish what it has begun, in what the pause leaves of the grace period, where it can", () => {
    assert.deepEqual(told({ image: digest, imageLine: "3.4" }), ["--shutdown-timeout", "45"]);
    const long = { preStopSleepSeconds: 30, terminationGracePeriodSeconds: 300 };
    assert.deepEqual(told({ image: digest, imageLine: "3.5", ...long }), ["--shutdown-timeout", "265"]);
  });

  it("is nothing of that by the default image, by an unknown one, and where no time is left", () => {
    for (const args of [{}, { image: digest }, { image: digest, imageLine: "3.5", terminationGracePeriodSeconds: 15 }])
      assert.deepEqual(told(args), ["--tool-call-parser", "hermes"]);
  });

  it("is not to send usage statistics, where the line does by itself", () => {
    const environment = (imageLine: string) =>
      server(resolveArgs("vllm", { image: digest, imageLine })).env as { name: string }[];
    assert.ok(environment("3.5").some(({ name }) => name === "DO_NOT_TRACK"));
    assert.ok(!environment("3.4").some(({ name }) => name === "DO_NOT_TRACK"));
  });
});
