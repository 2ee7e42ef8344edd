import assert from "node:assert/strict";
import { unclosedMark } from "../../../components/args/chatTemplate";

/** What jinja2 3.1.6 said of each, in vLLM's own environment (ImmutableSandboxedEnvironment, loop controls). */
const broken: [string, string][] = [
  ["{{ a", "unexpected end of template, expected 'end of print statement'."],
  ["{{ a }", "unexpected '}'"],
  ["{% if a", "unexpected end of template, expected 'end of statement block'."],
  ["{# c", "Missing end of comment tag"],
  ["{% raw %}{{", "Missing end of raw directive"],
  ["{{ ( }}", "unexpected '}', expected ')'"],
  ["{{ ) }}", "unexpected ')'"],
  ["{{ a]}}", "unexpected ']'"],
  ["{{ 'a }}", 'unexpected char "\'" at 3'],
];
const whole = [
  "{{ {'a': {'b': 1}} }}",
  "{{ {'a': {'b': 1}}}}",
  "{{ {'a':1}}}",
  "{{ '}}' }}",
  '{{ "a\\"}}" }}',
  "{{ 'a\nb' }}",
  "{% raw %}{{ {% {% endraw %}",
  "{%- raw -%}{{{%- endraw -%}",
  "{#- {{ -#}",
  // It takes them without an end, where no more follows.
  "a {#-\n",
  "{%- raw -%}\n",
  "{% set x = '%}' %}{{x}}",
  "{%+ if a %}{%- endif +%}",
  "{ {{ x }} }",
  "a }} b %} #}",
];

describe("a chat template", () => {
  for (const [template, said] of broken) {
    it(`is refused where jinja2 says ${said}: ${template}`, () => {
      assert.deepEqual(unclosedMark(template), { mark: template.slice(0, 2), line: 1 });
    });
  }

  for (const template of whole) {
    it(`is taken where jinja2 takes it: ${JSON.stringify(template)}`, () => {
      assert.equal(unclosedMark(template), undefined);
    });
  }

  it("is told by the line of the mark that is not closed", () => {
    assert.deepEqual(unclosedMark("{{ a }}\n\n{% if b }}\n{{ c }}"), { mark: "{%", line: 3 });
  });

  it("of a million bytes is gone through at once", () => {
    assert.equal(unclosedMark("{{ a['b'] }}".repeat(80_000)), undefined);
  });
});
