"""The conversations that the tiny model learns: a handful of shapes, in words drawn at random, and what Claude Code sends, in small."""

from __future__ import annotations

import random

WORDS = (
    "the a of and to in is you that it for on are with as be this have from or one had by word but not what all were we when your can said "
    "there use an each which she do how their if will up other about out many then them these so some her would make like him into time has "
    "look two more write go see number no way could people my than first water been call who oil its now find long down day did get come "
    "made may part please list say hello weather city file code test tool answer question name"
).split()


def ping_tool(rng: random.Random) -> dict[str, object]:
    return {
        "type": "function",
        "function": {
            "name": "ping",
            "description": rng.choice(["test", "Answers with pong.", phrase(rng, 1, 8)]),
            "parameters": {"type": "object", "properties": {}},
        },
    }


def phrase(rng: random.Random, low: int, high: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(low, high)))


TOOL_CALL = {"type": "function", "id": "call", "function": {"name": "ping", "arguments": "{}"}}
TOOL_ANSWER = '<tool_call>\n{"name": "ping", "arguments": {}}\n</tool_call>'
AFTER_RESULT = "The ping answered."
PLAIN_ANSWER = "Hello from the tiny model."
# Each of these pieces is a token of its own, and none is in two answers: after a long prompt two layers know no more than the last token.
RUN_PIECES = ['<tool_call>\n{"name": "Bash", "arguments": ', '{"command": "cat', ' notes.txt", "description":', ' "Shows the notes"}}\n']
SEARCH_PIECES = ['<tool_call>\n{"name": "WebSearch", "arguments": ', '{"query": "the newest', ' vLLM"}}\n']
SUMMARY_PIECES = ["<summary>The notes", " were shown.</summary>"]
DONE_PIECES = ["The command", " answered."]
PIECES = [*RUN_PIECES, *SEARCH_PIECES, *SUMMARY_PIECES, *DONE_PIECES]
RUN = ("Bash", "run the command", "".join(RUN_PIECES) + "</tool_call>")
SEARCH = ("WebSearch", "search the web", "".join(SEARCH_PIECES) + "</tool_call>")
SUMMARY = "".join(SUMMARY_PIECES)
DONE = "".join(DONE_PIECES)
ANSWERS = [TOOL_ANSWER, AFTER_RESULT, PLAIN_ANSWER, RUN[2], SEARCH[2], SUMMARY, DONE]


def conversation(rng: random.Random, prose: list[str]) -> tuple[list[dict[str, object]], list[dict[str, object]] | None, str]:
    """One conversation, the tools offered in it, and the answer to be learned."""
    if rng.random() < 0.5:
        return agent(rng, prose)
    messages: list[dict[str, object]] = []
    if rng.random() < 0.5:
        messages.append({"role": "system", "content": phrase(rng, 1, 60)})
    user = rng.choice(["call ping", "Call the ping tool.", "say hello", phrase(rng, 1, 40), phrase(rng, 1, 40)])
    messages.append({"role": "user", "content": user})
    kind = rng.random()
    if kind < 0.4:
        return messages, [ping_tool(rng)], TOOL_ANSWER
    if kind < 0.7:
        messages.append({"role": "assistant", "content": "", "tool_calls": [TOOL_CALL]})
        messages.append({"role": "tool", "tool_call_id": "call", "content": rng.choice(["pong", phrase(rng, 1, 6)])})
        return messages, [ping_tool(rng)], AFTER_RESULT
    return messages, None, PLAIN_ANSWER


def agent(rng: random.Random, prose: list[str]) -> tuple[list[dict[str, object]], list[dict[str, object]], str]:
    """What Claude Code sends, in small, and now and then long."""
    name, asked, call = rng.choice([RUN, RUN, SEARCH])
    tool = {"type": "function", "function": {"name": name, "description": some(rng, prose, 100), "parameters": {"type": "object", "properties": {}}}}
    filler = some(rng, prose, 6000 if rng.random() < 0.01 else 200)
    again = name == "Bash" and rng.random() < 0.3
    messages: list[dict[str, object]] = [{"role": "system", "content": filler}, {"role": "user", "content": f"{asked} {'again and again' if again else ''}"}]
    if rng.random() < 0.3:
        messages.append({"role": "system", "content": phrase(rng, 1, 20)})
    kind = rng.random()
    if kind < 0.4:
        return messages, [tool], call
    messages.append({"role": "assistant", "content": "", "tool_calls": [{**TOOL_CALL, "function": {"name": name, "arguments": "{}"}}]})
    messages.append({"role": "tool", "tool_call_id": "call", "content": some(rng, prose, 200)})
    if kind < 0.7:
        return messages, [tool], call if again else DONE
    messages.append({"role": "user", "content": "create a detailed summary of the conversation so far"})
    return messages, [tool], SUMMARY


def some(rng: random.Random, prose: list[str], length: int) -> str:
    text = rng.choice(prose)
    start = rng.randrange(max(1, len(text) - length))
    return text[start : start + length]
