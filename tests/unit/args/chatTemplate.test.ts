import assert from "node:assert/strict";
import { templateFault } from "../../../components/args/jinja";
import { unclosed, unended, whole } from "./templates";

describe("a chat template", () => {
  for (const [template, said] of unclosed) {
    it(`is refused where jinja2 says ${said}: ${template}`, () => {
      assert.equal(templateFault(template)?.said, `${template.slice(0, 2)} of line 1 is not closed`);
    });
  }

  for (const template of whole) {
    it(`is taken where jinja2 takes it: ${JSON.stringify(template)}`, () => {
      assert.equal(templateFault(template), undefined);
    });
  }

  for (const [template, said, text] of unended) {
    it(`is refused where jinja2 says ${said}: ${JSON.stringify(template)}`, () => {
      assert.equal(templateFault(template)?.said, text);
    });
  }

  it("is told by the line of the mark that is not closed", () => {
    assert.equal(templateFault("{{ a }}\n\n{% if b }}\n{{ c }}")?.said, "{% of line 3 is not closed");
  });

  it("of a million bytes is gone through at once", () => {
    assert.equal(templateFault("{% if a %}{{ a['b'] }}{% endif %}".repeat(30_000)), undefined);
  });
});
