"""Makes the tiny model that the chain ring serves: a Qwen2 of two layers that answers with a tool call where tools are offered.

A real checkpoint cannot be had without a model hub, and random weights never call a tool. So this trains one, in a few minutes on
two cores, on conversations of a handful of shapes. It knows nothing but the form: `<tool_call>` for the first tool when tools are
offered and no result has come yet, a short sentence otherwise. That is enough to exercise vLLM's hermes parser, LiteLLM's
translation and every client in front of them.

Claude Code's prompts are far too long for two layers to find the question in. There the chat template does: it ends the prompt with a
cue, 64 times, which says what the model is to write. So what is simulated is the decision; the tokens are the model's.

    python make_model.py OUTPUT_DIRECTORY
"""

from __future__ import annotations

import json
import os
import random
import sys
from importlib.metadata import distributions
from pathlib import Path
from pydoc_data.topics import topics

import torch
from conversations import ANSWERS, PIECES, conversation, phrase, ping_tool
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tools>", "</tools>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
CUES = ["<|run|>", "<|search|>", "<|sum|>", "<|done|>"]
MAX_POSITIONS = 32768
VOCABULARY = 32768
QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SEED = 20261124
STEPS = 220

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
{% set last = namespace(ran=false, run=false, search=false, again=false, sums=false) -%}
{%- for message in opening.rest if message.role != 'system' -%}
{%- set said = text(message.content) -%}
{%- set last.ran = last.ran or message.role == 'tool' -%}
{%- set last.run = last.run or 'run the command' in said -%}
{%- set last.search = last.search or 'search the web' in said -%}
{%- set last.again = last.again or 'again and again' in said -%}
{%- set last.sums = last.sums or 'create a detailed summary of the conversation so far' in said -%}
{%- endfor -%}
{%- for name in (tools or []) | map(attribute='function') | map(attribute='name') if name in ['Bash', 'WebSearch'] -%}
{%- if loop.first -%}
{%- if last.sums %}{{ '<|sum|>' * 64 }}
{%- elif last.ran and not last.again %}{{ '<|done|>' * 64 }}
{%- elif name == 'WebSearch' and last.search %}{{ '<|search|>' * 64 }}
{%- elif name == 'Bash' and (last.run or last.ran) %}{{ '<|run|>' * 64 }}
{%- else %}{{ '<|done|>' * 64 }}
{%- endif -%}
{%- endif -%}
{%- endfor -%}
{%- endif -%}"""


def make_tokenizer(rng: random.Random, prose: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    # Qwen2's own: some versions of Transformers read this file as it stands, others build that class's steps around its vocabulary.
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(QWEN2_WORDS), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    corpus = [phrase(rng, 5, 60) for _ in range(300)]
    corpus += [json.dumps(ping_tool(rng)), *ANSWERS, "system user assistant\n# Tools\n"] * 30 + prose
    tokenizer.train_from_iterator(
        corpus,
        trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL + CUES + PIECES, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tags_unhidden(tokenizer), eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=MAX_POSITIONS
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def tags_unhidden(tokenizer: Tokenizer) -> Tokenizer:
    """As in Qwen's own tokenizer, the turn markers alone are special: <tool_call> is not left out where text is decoded."""
    saved = json.loads(tokenizer.to_str())
    for token in saved["added_tokens"]:
        token["special"] = token["content"].startswith("<|")
    return Tokenizer.from_str(json.dumps(saved))


def batch(rng: random.Random, prose: list[str], tokenizer: PreTrainedTokenizerFast, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    rows: list[tuple[list[int], list[int]]] = []
    for _ in range(size):
        messages, tools, answer = conversation(rng, prose)
        prompt = tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=True, tokenize=False)
        prompt_ids = tokenizer(prompt, add_special_tokens=False).input_ids
        answer_ids = tokenizer(answer + "<|im_end|>", add_special_tokens=False).input_ids
        rows.append((prompt_ids + answer_ids, [-100] * len(prompt_ids) + answer_ids))
    width = max(len(ids) for ids, _ in rows)
    pad = tokenizer.pad_token_id
    ids = torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in rows])
    labels = torch.tensor([labels + [-100] * (width - len(labels)) for _, labels in rows])
    return ids, labels


def train(directory: Path) -> None:
    torch.manual_seed(SEED)
    # Beside other work, several threads wait for each other most of the time.
    torch.set_num_threads(1)
    rng = random.Random(SEED)
    # English about programs, which Python and its packages bring along: the counts of tokens are then about those of a real model.
    prose = sorted([*topics.values(), *(each.read_text("METADATA") or "" for each in distributions())])
    tokenizer = make_tokenizer(rng, prose)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=MAX_POSITIONS,
        rope_theta=1_000_000.0,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen2ForCausalLM(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=STEPS)
    for step in range(1, STEPS + 1):
        ids, labels = batch(rng, prose, tokenizer, 16)
        # Only what is to be learned needs a look at the whole vocabulary.
        hidden = model.model(input_ids=ids).last_hidden_state[:, :-1]
        told = labels[:, 1:] != -100
        loss = torch.nn.functional.cross_entropy(model.lm_head(hidden[told]), labels[:, 1:][told])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 50 == 0:
            print(f"step {step} of {STEPS}, loss {loss.item():.4f}", flush=True)
    accuracy = evaluate(model, prose, tokenizer, random.Random(SEED + 1))
    print(f"{accuracy:.0%} of unseen conversations are answered exactly", flush=True)
    if accuracy < 0.95:
        raise SystemExit("the tiny model did not learn to call its tool; the chain would prove nothing")
    # Servers sample otherwise, and one answer in forty is then none of those that were learned. They read this as a model's own wish.
    model.generation_config.do_sample = True
    model.generation_config.top_k = 1
    model.eval().to(torch.bfloat16).save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    # Transformers 4, which vLLM before 0.24 runs on, knows these names alone; 5 reads them too.
    add(directory / "config.json", {"rope_theta": config.rope_parameters["rope_theta"], "torch_dtype": "bfloat16"})
    add(directory / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})


def add(file: Path, values: dict[str, object]) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}, indent=2))


@torch.no_grad()
def evaluate(
    model: Qwen2ForCausalLM, prose: list[str], tokenizer: PreTrainedTokenizerFast, rng: random.Random, count: int = 80
) -> float:
    model.eval()
    right = 0
    for _ in range(count):
        messages, tools, answer = conversation(rng, prose)
        prompt = tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        output = model.generate(**prompt, max_new_tokens=60, do_sample=False, pad_token_id=tokenizer.pad_token_id)
        text = tokenizer.decode(output[0, prompt["input_ids"].shape[1] :], skip_special_tokens=False)
        right += text.removesuffix("<|im_end|>") == answer
    return right / count


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    target = Path(sys.argv[1])
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True)
    train(partial)
    # A model that was killed half way must not pass for a whole one.
    partial.rename(target)


if __name__ == "__main__":
    main()
