/**
 * Claude Code itself, in front of each vLLM and in every way: what works is what docs/data/claude-code.json says. With all versions
 * (`npm run test:chain -- --all`) the data is written anew.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import { withChain } from "./chain";
import { type Cells, context, factsOf, isTurn, tryAll } from "./claude/capabilities";
import type { Recorded } from "./claude/relay";
import { session, type Session, type SessionOptions } from "./claude/session";
import { type Way, ways } from "./servers";

const file = path.resolve(__dirname, "../../docs/data/claude-code.json");

interface Row {
  version: string;
  line: string | undefined;
  way: Way;
  cells: Cells;
}

withChain("Claude Code", ({ claude, lines, all }) => {
  const known = (JSON.parse(readFileSync(file, "utf8")) as { rows: Row[] }).rows;
  const rows: Row[] = [];

  for (const line of lines) {
    for (const way of ways) {
      let sessions: Session[] = [];

      it(`vLLM ${line.version}, ${way}: does what the table says`, async () => {
        const tried = await tryAll(claude, line, way);
        sessions = tried.sessions;
        const row = { version: line.version, line: line.line, way, cells: tried.cells };
        rows.push(row);
        if (all) return;
        const told = known.find((each) => each.version === line.version && each.way === way);
        assert.deepEqual(row.cells, told?.cells);
      });

      it(`vLLM ${line.version}, ${way}: says nothing on stderr, and reaches nobody else`, () => {
        for (const { stderr, outside } of sessions) assert.deepEqual([stderr, outside], ["", []]);
      });
    }
  }

  for (const line of lines) {
    /** Each turn shows notes of some two thousand tokens, until there is no room. */
    const goesOver = (env: SessionOptions["env"]): Promise<Session> =>
      session({
        ...{ claude, server: line.ways.direct, facts: factsOf(line, "direct"), env },
        args: ["run the command again and again", "--allowedTools", "Bash(cat:*)", "--max-turns", "20"],
        notes: "one two three four five six seven eight nine ten eleven twelve ".repeat(130),
      });
    const refused = ({ recorded }: Session): number =>
      recorded.filter((each) => isTurn(each) && each.status >= 400).length;
    const sums = ({ sent }: Recorded): boolean =>
      JSON.stringify(sent.messages ?? []).includes("create a detailed summary of the conversation so far");

    it(`vLLM ${line.version}: a session that goes over ${context} tokens is compacted in time, and goes on`, async () => {
      const ran = await goesOver({});
      const turns = ran.recorded.filter(isTurn);
      const compacted = turns.findIndex(sums);
      assert.ok(compacted > 1 && compacted < turns.length - 1, `compacted at ${compacted} of ${turns.length}`);
      assert.deepEqual([refused(ran), ran.stderr], [0, ""]);
    });

    it(`vLLM ${line.version}: the same without the block's share of the window is refused`, async () => {
      const ran = await goesOver({ CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: undefined });
      assert.notEqual(refused(ran), 0);
    });
  }

  after(async function () {
    if (!all || rows.length < lines.length * ways.length) return;
    const text = JSON.stringify({ rows });
    writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  });
});
