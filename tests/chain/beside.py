"""vLLM's OpenAI server, and beside it a second one, of other arguments, in front of the same engine.

What a server answers depends on its own arguments (served names, parser of tool calls); the engine knows nothing of them.
An engine takes three interpreters that load torch, which is most of what a server costs before it answers.

`BESIDE='["--model", …]' python beside.py <arguments>` is `python -m vllm.entrypoints.openai.api_server <arguments>`;
the second server is added once the first has its engine, by vLLM's own parser, socket and application.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
from argparse import Namespace
from collections.abc import Coroutine
from typing import Any

from vllm.entrypoints.launchers import cli_args
from vllm.entrypoints.launchers.api_server import entry
from vllm.utils.argparse_utils import FlexibleArgumentParser

Stop = Coroutine[Any, Any, None]
alone = entry.build_and_serve


def arguments() -> Namespace:
    args = cli_args.make_arg_parser(FlexibleArgumentParser()).parse_args(json.loads(os.environ["BESIDE"]))
    cli_args.validate_parsed_serve_args(args)
    return args


async def both(engine: Any, address: str, socket: Any, args: Namespace, *more: Any, **named: Any) -> Stop:
    second = arguments()
    second_address, second_socket = entry.setup_server(second, reuse_port=False)
    first = asyncio.create_task(alone(engine, address, socket, args, *more, **named))
    beside = asyncio.create_task(alone(engine, second_address, second_socket, second))
    # Both listen for SIGTERM and the last one hears it: where one ends, so does the other.
    ended, _ = await asyncio.wait({first, beside}, return_when=asyncio.FIRST_COMPLETED)
    for task in ended:
        task.result()
    for task in {first, beside} - ended:
        task.cancel()
    (await beside).close()
    return await first


if __name__ == "__main__":
    entry.build_and_serve = both
    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__", alter_sys=True)
