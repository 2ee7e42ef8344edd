/** What the newest vLLM says of itself is what the table has, and it takes every command line. `npm run versions` asks all of them. */
import assert from "node:assert/strict";
import { type Kind, versionKnows } from "../../components/images/known";
import known from "../../components/images/vllmKnows.json";
import { commandLines } from "../versions/commandLines";
import { type Answer, ask, interpreters, newestVersion } from "../versions/versions";
import { withChain } from "./chain";

withChain(`vLLM ${newestVersion} itself`, () => {
  // Of the current line, too: it is told more than one that is not known.
  const lines = [...commandLines(undefined), ...commandLines("3.5")];
  let answer: Answer;
  before(async () => {
    const pythons = await interpreters([newestVersion]);
    answer = await ask(
      pythons[newestVersion] ?? "",
      lines.map(({ args }) => args),
    );
  });

  it("takes every command line that is rendered", () => {
    for (const [index, { title }] of lines.entries()) assert.equal(answer.refused[index], null, title);
  });

  it("knows what the table says that it knows, and nothing else", () => {
    for (const kind of Object.keys(known.known) as Kind[]) {
      const listed = Object.keys(known.known[kind]).filter((name) => versionKnows(newestVersion, kind, name));
      assert.deepEqual(listed.sort(), [...answer.known[kind]].sort(), kind);
    }
  });
});
