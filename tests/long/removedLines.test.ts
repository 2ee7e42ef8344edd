/**
 * What `up` does when a line of a program is removed, renamed or moved: each case is done, and compared with docs/data/removed-lines.json, from
 * which docs/two-clusters.md has its table. `TEST_UPDATE=1` writes that file.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { objectsOf } from "../cluster/objectsOf";
import { restore } from "./oldState";
import type { Line } from "../cluster/programs/models";
import { TestStack } from "../../harness/stack";

const file = path.resolve(__dirname, "../../docs/data/removed-lines.json");

/** A row of the table. */
interface Row {
  change: string;
  outcome: "done" | "refused";
  /** Kinds of what is gone, and of whom. */
  deleted: string;
  others: "unchanged";
}

/** What the table says; each case is compared with its row. */
const wanted = process.env["TEST_UPDATE"] === undefined ? (JSON.parse(readFileSync(file, "utf8")) as Row[]) : undefined;
const rows: Row[] = [];

async function program(namespace: string): Promise<TestStack> {
  const main = path.join(__dirname, "../cluster/programs/models");
  const stack = await TestStack.create(namespace, { main, project: "two-models" });
  const { kubeconfig, context } = stack.cluster;
  Object.assign(stack.env, { TEST_KUBECONFIG: kubeconfig, TEST_CONTEXT: context, TEST_NAMESPACE: namespace });
  return stack;
}

function write(stack: TestStack, ...lines: readonly Line[]): void {
  stack.env["TEST_LINES"] = JSON.stringify(lines);
}

async function done(stack: TestStack, ...lines: readonly Line[]): Promise<void> {
  write(stack, ...lines);
  const { exitCode, text } = await stack.up();
  assert.equal(exitCode, 0, text);
}

/** Does a change, and says what it did as a row. What is not gone must be as it was. */
async function change(
  stack: TestStack,
  what: string,
  lines: readonly Line[],
  refusal?: RegExp,
  ...options: readonly string[]
): Promise<void> {
  const was = await objectsOf(stack);
  write(stack, ...lines);
  const { exitCode, text } = await stack.up(...options);
  assert.equal(exitCode, refusal ? 1 : 0, text);
  if (refusal) assert.match(text, refusal);
  const is = await objectsOf(stack);
  for (const [name, content] of is) assert.equal(content, was.get(name), `${name} has changed`);
  const gone = [...was.keys()].filter((name) => !is.has(name));
  const names = new Set(gone.map((name) => name.split(" ")[1] ?? ""));
  const deleted = gone.length === 0 ? "nothing" : `${gone.length} objects: ${owners(names)}`;
  const row = { change: what, outcome: refusal ? "refused" : "done", deleted, others: "unchanged" } as const;
  if (wanted)
    assert.deepEqual(
      row,
      wanted.find(({ change: each }) => each === what),
    );
  rows.push(row);
}

/** Of which components objects are, by the names that derive from theirs. */
function owners(names: ReadonlySet<string>): string {
  const components = [...names].filter((name) => names.has(`${name}-downloader`));
  const own = (name: string): boolean => components.some((each) => name === each || name.startsWith(`${each}-`));
  const rest = [...names].filter((name) => !own(name));
  return [...components.map((name) => `all of ${name}`), ...rest.map(() => "its namespace")].join(", ");
}

const within = { createNamespace: false };
const coder = { model: "coder", args: { ...within, modelId: "Qwen/Qwen2.5-Coder-7B-Instruct" } };
const vllm = { model: "vllm", args: within };

describe("what happens when a line is removed", () => {
  after(() => {
    if (process.env["TEST_UPDATE"] !== undefined) writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
  });

  describe("from a program with a namespace beside its models", () => {
    let stack: TestStack;
    before(async () => {
      stack = await program("lines-shared");
      await done(stack, { shared: "vllm" }, vllm, coder);
    });
    after(() => stack.remove());

    it("takes that model alone away, whichever it is", async () => {
      await change(stack, "a model beside another, in a `SharedNamespace`", [{ shared: "vllm" }, vllm]);
      await done(stack, { shared: "vllm" }, vllm, coder);
      await change(stack, "the model that has the `SharedNamespace`'s name", [{ shared: "vllm" }, coder]);
    });

    it("is refused where it is moved without a word, and nothing is deleted, not even by those who go on after errors", async () => {
      const moved = { ...coder, parent: "team" };
      const refusal = /exists already and belongs to 'vllm-inference:index:VllmInference::coder' of this very stack/;
      await change(stack, "a model moves into another component", [{ shared: "vllm" }, moved], refusal);
      const goesOn = "the same with `--continue-on-error`";
      await change(stack, goesOn, [{ shared: "vllm" }, moved], refusal, "--continue-on-error");
    });

    it("changes nothing where `aliases` says what it was", async () => {
      const was = "urn:pulumi:test::two-models::vllm-inference:index:VllmInference::coder";
      const moved = { ...coder, parent: "team", aliases: [was] };
      // The refused `up` has the component in the state at its new place already: there the engine asks for no alias.
      await done(stack, { shared: "vllm" }, coder);
      await change(stack, "put back, and moved with the `aliases` that the refusal names", [{ shared: "vllm" }, moved]);
    });
  });

  describe("from a program with one model that makes its namespace", () => {
    let stack: TestStack;
    before(async () => {
      stack = await program("lines-own");
      await done(stack, { model: "vllm" });
    });
    after(() => stack.remove());

    it("is refused where it is renamed without a word: the namespace would go, with all in it", async () => {
      const refusal = /Namespace 'lines-own' exists already and belongs to '[^']*::vllm' of this very stack/;
      await change(stack, "a model that makes its namespace is renamed", [{ model: "coder" }], refusal);
    });

    it("goes on under a `SharedNamespace` of its name, beside another model", async () => {
      await change(stack, "`createNamespace: false`, and a `SharedNamespace` of its name", [{ shared: "vllm" }, vllm]);
    });

    it("takes all that it has made away", async () => {
      await change(stack, "the last model", [{ shared: "vllm" }]);
      await done(stack, { model: "vllm" });
      await change(stack, "a model that makes its namespace", []);
    });
  });

  describe("from a program of an earlier version, with two models that both make one namespace", () => {
    let stack: TestStack;
    before(async () => {
      stack = await program("before-two");
      await restore(stack, "twoOwners");
    });
    after(() => stack.remove());
    const kept = { keepNamespace: true };

    it("is refused as it stands, at preview", async () => {
      write(stack, { model: "vllm" }, { model: "second" });
      const { exitCode, text } = await stack.preview();
      assert.notEqual(exitCode, 0, text);
      assert.match(text, /Namespace 'before-two' would be made by two components of this program, 'vllm' and 'second'/);
    });

    it("takes one alone away after an `up` with `keepNamespace`", async () => {
      await done(stack, { model: "vllm", args: kept }, { model: "second", args: kept });
      await change(stack, "one of two, after an `up` with `keepNamespace: true`", [{ model: "vllm", args: kept }]);
    });
  });
});
