/** What jinja2 3.1.6 said of each, in vLLM's own environment (ImmutableSandboxedEnvironment, loop controls). */
export const unclosed: [string, string][] = [
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
export const whole = [
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
  "{% if a %}{% elif b %}{% elif c %}{% else %}{% endif %}",
  "{%- if(a) -%}{%- else: -%}{%- endif -%}",
  "{% for a, b in c if d recursive %}{% continue %}{% break %}{% else %}{% endfor %}",
  "{% set ns.x = '=' %}{% set (a, b) = 1, 2 %}{% set x %}a{% endset %}{% set y | replace('a=', b='c') %}a{% endset %}",
  "{% set größe = 1 %}",
  "{% macro m(a, b=1) -%}{%- endmacro %}{% call(x) m() %}a{% endcall %}{% filter upper %}a{% endfilter %}",
  "{% with a = 1 %}{{ (a,) }}{% endwith %}{% block b scoped %}{% endblock b %}{% generation %}{% endgeneration %}",
  "{% print a is divisibleby 3 %}{% include 'a' ignore missing %}{% autoescape true %}{% endautoescape %}",
];

/** The same of its statements, with what is said of it here. */
export const unended: [string, string, string][] = [
  [
    "{% if a %}b",
    "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'.",
    "{% if %} of line 1 has no endif",
  ],
  [
    "{% for m in ms %}\n{% if m %}\n{% endfor %}",
    "Encountered unknown tag 'endfor'. You probably made a nesting mistake.",
    "{% endfor %} of line 3 belongs to nothing: {% if %} of line 2 is to be ended first",
  ],
  [
    "\n{% endif %}",
    "Encountered unknown tag 'endif'.",
    "{% endif %} of line 2 belongs to nothing: nothing is open there",
  ],
  [
    "{% if a %}{% else %}{% elif b %}{% endif %}",
    "Encountered unknown tag 'elif'. Jinja was looking for the following tags: 'endif'.",
    "{% elif %} of line 1 belongs to nothing: {% if %} of line 1 is to be ended first",
  ],
  ["{% esle %}", "Encountered unknown tag 'esle'.", "{% esle %} of line 1 is no statement of vLLM's Jinja"],
  ["{% do a.append(1) %}", "Encountered unknown tag 'do'.", "{% do %} of line 1 is no statement of vLLM's Jinja"],
  ["{% %}", "tag name expected", "{% %} of line 1 is no statement of vLLM's Jinja"],
  [
    "{% if a %}b{% else if c %}{% endif %}",
    "expected token 'end of statement block', got 'if'",
    "{% else %} of line 1 is followed by more than its end",
  ],
  ["{{- -}}", "Expected an expression, got 'end of print statement'", "{{ }} of line 1 is empty"],
  [
    "{% set x %}a",
    "Unexpected end of template. Jinja was looking for the following tags: 'endset'.",
    "{% set %} of line 1 has no endset",
  ],
  ["{% raw x %}a{% endraw %}", "Encountered unknown tag 'raw'.", "{% raw %} of line 1 is no statement of vLLM's Jinja"],
];
