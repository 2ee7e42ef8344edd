/** Chat templates as each real vLLM has them compiled, and as a preview judges them. */
import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { templateFault } from "../../components/args/jinja";
import { unclosed, unended, whole } from "../unit/args/templates";
import { withChain } from "./chain";

interface Answer {
  refused: (string | null)[];
  own: string[];
}

withChain("a chat template", ({ lines }) => {
  const wrong = [...unclosed, ...unended];
  for (const { version, python } of lines) {
    it(`is refused where ${version} refuses it, and taken where it takes it`, async () => {
      const input = JSON.stringify([...wrong.map(([template]) => template), ...whole]);
      const { stdout } = await execa(python, [path.join(__dirname, "templates.py")], { input });
      const { refused, own } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Answer;
      for (const [index, [template, said]] of wrong.entries())
        assert.ok(refused[index]?.includes(said), `${template}: ${refused[index]}`);
      for (const [index, template] of whole.entries()) assert.equal(refused[wrong.length + index], null, template);
      assert.ok(own.length > 0);
      for (const template of own) assert.equal(templateFault(template), undefined, template);
    });
  }
});
