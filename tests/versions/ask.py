"""Asks one version of vLLM what it knows, and whether it takes command lines: by its own parser and its own checks, without a server.

    <python with vllm> ask.py < command-lines.json

Reads a list of command lines (what follows `python -m vllm.entrypoints.openai.api_server`), and prints as its last line
`{"known": {"flags": […], "toolParsers": […], "reasoningParsers": […], "kvCacheDtypes": […], "environment": […], "endpoints": […], "messageRoles": […]}, "refused": [null | <why>, …]}`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args


def first(*names: str) -> ModuleType:
    """The first of the modules that this version has: vLLM moves them."""
    for name in names:
        with contextlib.suppress(ModuleNotFoundError):
            return importlib.import_module(name)
    raise SystemExit(f"this vLLM has none of {', '.join(names)}")


cli = first("vllm.entrypoints.launchers.cli_args", "vllm.entrypoints.openai.cli_args")
server = first("vllm.entrypoints.launchers.launcher", "vllm.entrypoints.openai.api_server")
arguments = first("vllm.utils.argparse_utils")
reasoning = first("vllm.reasoning").ReasoningParserManager
tools = first("vllm.tool_parsers").ToolParserManager
environment = first("vllm.envs").environment_variables
messages = first("vllm.entrypoints.anthropic.protocol")


def parser() -> Any:
    return cli.make_arg_parser(arguments.FlexibleArgumentParser(prog="api_server.py"))


def flags() -> list[str]:
    """Long names; of a pair `--x` and `--no-x` the first alone."""
    names = {name for action in parser()._actions for name in action.option_strings if name.startswith("--") and name != "--help"}
    return sorted(name for name in names if not (name.startswith("--no-") and f"--{name[5:]}" in names))


def choices(flag: str) -> list[str]:
    found = next((action.choices for action in parser()._actions if flag in action.option_strings), None)
    return sorted(str(each) for each in found or [])


def endpoints() -> list[str]:
    """Paths in the package's own routers; which of them a server has also depends on its model and its settings."""
    package = Path(server.__file__).parents[1]
    route = re.compile(r'\.(?:get|post|api_route)\(\s*"(/[\w/{}:.-]+)"')
    return sorted({path for file in package.rglob("*.py") for path in route.findall(file.read_text(encoding="utf-8"))})


def refusal(command_line: list[str]) -> str | None:
    """Why the server would end before it has begun."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            args = parser().parse_args(command_line)
            cli.validate_parsed_serve_args(args)
            server.validate_api_server_args(args)
            # The server looks at this one once it has begun to build its engine.
            if args.reasoning_parser and args.reasoning_parser not in reasoning.list_registered():
                return f"invalid reasoning parser: {args.reasoning_parser}"
    except SystemExit:
        return said.getvalue().strip().splitlines()[-1]
    except Exception as error:  # whatever a check of vLLM's throws ends the server
        return f"{type(error).__name__}: {error}"
    return None


def main() -> None:
    command_lines: list[list[str]] = json.load(sys.stdin)
    known = {
        "flags": flags(),
        "toolParsers": sorted(tools.list_registered()),
        "reasoningParsers": sorted(reasoning.list_registered()),
        "kvCacheDtypes": choices("--kv-cache-dtype"),
        "environment": sorted(environment),
        "endpoints": endpoints(),
        "messageRoles": sorted(get_args(messages.AnthropicMessage.model_fields["role"].annotation)),
    }
    print(json.dumps({"known": known, "refused": [refusal(each) for each in command_lines]}))


if __name__ == "__main__":
    main()
