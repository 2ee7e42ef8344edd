"""Compiles chat templates as vLLM has it done, by the function of transformers' that its requests go through.

    <python with vllm> templates.py < templates.json

Reads a list of templates, and prints as its last line `{"refused": [null | <why>, …], "own": [<vLLM's own templates>, …]}`.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from jinja2 import TemplateSyntaxError
from transformers.utils import chat_template_utils


def refusal(template: str) -> str | None:
    try:
        chat_template_utils._compile_jinja_template(template)
    except (TemplateSyntaxError, SyntaxError) as error:
        return str(error)
    return None


spec = find_spec("vllm")
if spec is None or spec.origin is None:
    raise SystemExit("there is no vLLM here")
own = sorted(Path(spec.origin).parent.glob("transformers_utils/chat_templates/*.jinja"))
answer = {
    "refused": [refusal(template) for template in json.load(sys.stdin)],
    "own": [path.read_text(encoding="utf-8") for path in own],
}
print(json.dumps(answer))
