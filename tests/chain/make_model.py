"""Makes the tiny model that the chain ring serves: a Qwen2 that answers with a tool call where tools are offered.

A real checkpoint cannot be had without a model hub, and random weights never call a tool. So the weights are set, not trained: after
each token of an answer comes the next one, whatever was said before. What is to be answered its chat template decides, which ends a
prompt with a cue. So what is simulated is the decision; the tokens, their order and their end are the model's, and enough to exercise
vLLM's hermes parser, its grammars, LiteLLM's translation and every client in front of them. The same weights come out on every machine.

    python make_model.py OUTPUT_DIRECTORY
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import distributions
from itertools import pairwise
from pathlib import Path
from pydoc_data.topics import topics

import torch
from answers import ANSWERS, CHAT_TEMPLATE, PIECES
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

END = "<|im_end|>"
SPECIAL = ["<|endoftext|>", "<|im_start|>", END, "<tools>", "</tools>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
MAX_POSITIONS = 32768
VOCABULARY = 32768
HIDDEN = 128
QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def make_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    # Qwen2's own: some versions of Transformers read this file as it stands, others build that class's steps around its vocabulary.
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(QWEN2_WORDS), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    # English about programs, which Python and its packages bring along: the counts of tokens are then about those of a real model.
    prose = sorted([*topics.values(), *(each.read_text("METADATA") or "" for each in distributions())])
    own = list(dict.fromkeys(piece for pieces in PIECES.values() for piece in pieces if piece not in SPECIAL))
    tokenizer.train_from_iterator(
        [*list(ANSWERS.values()) * 30, *prose],
        trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[*SPECIAL, *ANSWERS, *own], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tags_unhidden(tokenizer), eos_token=END, pad_token="<|endoftext|>", model_max_length=MAX_POSITIONS
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def tags_unhidden(tokenizer: Tokenizer) -> Tokenizer:
    """As in Qwen's own tokenizer, the turn markers alone are special: <tool_call> is not left out where text is decoded."""
    saved = json.loads(tokenizer.to_str())
    for token in saved["added_tokens"]:
        token["special"] = token["content"].startswith("<|")
    return Tokenizer.from_str(json.dumps(saved))


def followers(tokenizer: PreTrainedTokenizerFast) -> dict[int, int]:
    """Which token comes after which. Who may not end (`ignore_eos`) greets again."""
    chains = [tokenizer(f"{cue}{answer}{END}", add_special_tokens=False).input_ids for cue, answer in ANSWERS.items()]
    found: dict[int, int] = {}
    for first, second in [*(pair for chain in chains for pair in pairwise(chain)), (chains[-1][-1], chains[-1][1])]:
        if found.setdefault(first, second) != second:
            raise SystemExit(f"{tokenizer.decode([first])!r} is in two answers, and each goes on in another way")
    return found


def preference(text: str) -> float:
    """Which token is taken where a grammar leaves a choice: what closes a value, then what ends an object or a list, and white space last."""
    if text == END:
        return 4
    if text.strip() == "":
        return -4
    return 3 if text == '"' else 2 if set(text) <= set("}]") else 0


def make_model(tokenizer: PreTrainedTokenizerFast) -> Qwen2ForCausalLM:
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=MAX_POSITIONS,
        rope_theta=1_000_000.0,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen2ForCausalLM(config)
    after = followers(tokenizer)
    # Dimension 0 is every token's, 1 that of those after which nothing is known, and each of the others has one of its own.
    own = {token: 2 + index for index, token in enumerate(after)}
    if len(own) > HIDDEN - 2:
        raise SystemExit(f"{len(own)} tokens go on to another, and there is room for {HIDDEN - 2}")
    with torch.no_grad():
        # The layers are computed and add nothing: the last token's embedding reaches the head as it is.
        for name, parameter in model.named_parameters():
            parameter.fill_(1 if "norm" in name else 0)
        embedding, head = model.model.embed_tokens.weight, model.lm_head.weight
        embedding[:, 0] = 1
        for token in range(len(tokenizer)):
            embedding[token, own.get(token, 1)] = 1
            head[token, 0] = preference(tokenizer.decode([token]))
        for token, following in after.items():
            head[following, own[token]] = 16
    # Servers sample otherwise. They read this as a model's own wish.
    model.generation_config.do_sample = True
    model.generation_config.top_k = 1
    return model.eval().to(torch.bfloat16)


@torch.no_grad()
def prove(model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    for cue, answer in ANSWERS.items():
        prompt = tokenizer(f"<|im_start|>assistant\n{cue}", add_special_tokens=False, return_tensors="pt")
        output = model.generate(**prompt, max_new_tokens=60, pad_token_id=tokenizer.pad_token_id)
        said = tokenizer.decode(output[0, prompt["input_ids"].shape[1] :], skip_special_tokens=False)
        if said != answer + END:
            raise SystemExit(f"after {cue} the tiny model says {said!r}, not {answer!r}; the chain would prove nothing")


def make(directory: Path) -> None:
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    prove(model, tokenizer)
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    # Transformers 4, which vLLM before 0.24 runs on, knows these names alone; 5 reads them too.
    add(directory / "config.json", {"rope_theta": model.config.rope_parameters["rope_theta"], "torch_dtype": "bfloat16"})
    add(directory / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})


def add(file: Path, values: dict[str, object]) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}, indent=2))


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    target = Path(sys.argv[1])
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True)
    make(partial)
    # A model that was killed half way must not pass for a whole one.
    partial.rename(target)


if __name__ == "__main__":
    main()
