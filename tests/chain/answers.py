"""What the tiny model says, and after which cue. Its chat template chooses the cue, from the tools that are offered and from what was said."""

from __future__ import annotations

# The pieces of an answer are tokens of their own, save those of the greeting: the model knows nothing but which token follows which.
PIECES: dict[str, list[str]] = {
    "<|ping|>": ['<tool_call>\n{"name": "ping", ', '"arguments": ', "{}}\n", "</tool_call>"],
    "<|pong|>": ["The ping", " answered."],
    "<|run|>": ['<tool_call>\n{"name": "Bash", "arguments": ', '{"command": "cat', ' notes.txt", "description":', ' "Shows the notes"}}\n', "</tool_call>"],
    "<|search|>": ['<tool_call>\n{"name": "WebSearch", "arguments": ', '{"query": "the newest', ' vLLM"}}\n', "</tool_call>"],
    "<|sum|>": ["<summary>The notes", " were shown.</summary>"],
    "<|done|>": ["The command", " answered."],
}
GREETING = "Hello from the tiny model."
ANSWERS: dict[str, str] = {**{cue: "".join(pieces) for cue, pieces in PIECES.items()}, "<|hello|>": GREETING}

# The layout of Qwen2.5's conversations (https://qwen.readthedocs.io/en/latest/framework/function_call.html): what the hermes parser expects.
CHAT_TEMPLATE = """\
{%- macro text(content) -%}
{%- if content is string %}{{ content }}{% else %}{% for part in content or [] %}{{ part.text or '' }}{% endfor %}{% endif -%}
{%- endmacro -%}
{%- set opening = namespace(system='You are a helpful assistant.', rest=messages) -%}
{%- if messages and messages[0].role == 'system' -%}
{%- set opening.system = text(messages[0].content) -%}{%- set opening.rest = messages[1:] -%}
{%- endif -%}
<|im_start|>system
{{ opening.system }}
{%- if tools %}

# Tools

<tools>
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
</tools>
{%- endif %}<|im_end|>
{% for message in opening.rest -%}
{%- if message.role == 'tool' -%}
<|im_start|>user
<tool_response>
{{ text(message.content) }}
</tool_response><|im_end|>
{% else -%}
<|im_start|>{{ message.role }}
{{ text(message.content) }}
{%- for call in message.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments if call.function.arguments is string else call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% set last = namespace(tool=none, ran=false, run=false, search=false, again=false, sums=false) -%}
{%- for message in opening.rest if message.role != 'system' -%}
{%- set said = text(message.content) -%}
{%- set last.tool = message.role == 'tool' -%}
{%- set last.ran = last.ran or last.tool -%}
{%- set last.run = last.run or 'run the command' in said -%}
{%- set last.search = last.search or 'search the web' in said -%}
{%- set last.again = last.again or 'again and again' in said -%}
{%- set last.sums = last.sums or 'create a detailed summary of the conversation so far' in said -%}
{%- endfor -%}
{%- set names = (tools or []) | map(attribute='function') | map(attribute='name') | list -%}
{%- if 'Bash' in names or 'WebSearch' in names -%}
{%- if last.sums %}<|sum|>
{%- elif last.ran and not last.again %}<|done|>
{%- elif 'WebSearch' in names and last.search %}<|search|>
{%- elif 'Bash' in names and (last.run or last.ran) %}<|run|>
{%- else %}<|done|>
{%- endif -%}
{%- elif names %}{{ '<|pong|>' if last.tool else '<|ping|>' }}
{%- else %}<|hello|>
{%- endif -%}
{%- endif -%}"""
