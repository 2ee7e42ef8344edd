"""Makes what the chain runs on: vLLM and LiteLLM, each in a virtual environment of its own, and the tiny model.

Prints `{"vllm": <python>, "litellm": <python>, "model": <folder>}`. They lie in the cache, under names that hold a hash of all that they
are made from, so that a change makes new ones. A folder counts only with its `.complete` file, which is written last; a lock keeps two
runs from making the same one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vllm-on-openshift"
PYTHON = f"python{platform.python_version()}-{platform.machine()}"


def made_once(kind: str, name: str, recipe: str, make: Callable[[Path], None]) -> Path:
    """The folder `<kind>/<name>-<hash of the recipe>`, which `make` fills where it is missing."""
    folder = CACHE / kind / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    complete = folder / ".complete"
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            started = time.monotonic()
            say(f"making {folder}")
            # In place, because a virtual environment's scripts hold its path; `.complete` is what makes it count.
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            complete.write_text(recipe)
            say(f"made {folder} in {time.monotonic() - started:.0f} s")
    return folder


def environment(name: str, *imports: str) -> Path:
    """A virtual environment with exactly what `<name>.txt` lists, in which `imports` can be imported."""
    requirements = HERE / f"{name}.txt"

    def make(folder: Path) -> None:
        run([sys.executable, "-m", "venv", str(folder)])
        python = str(folder / "bin" / "python")
        run([python, "-m", "pip", "install", "--quiet", "--no-input", "--no-cache-dir", "--no-deps", "-r", str(requirements)])
        verify(python, requirements, imports)

    return made_once("venvs", name, f"{PYTHON}\n{requirements.read_text()}", make) / "bin" / "python"


COMPARE = """
import sys
from importlib.metadata import distributions
name = lambda text: text.lower().replace("_", "-").replace(".", "-")
lines = [line.strip() for line in open(sys.argv[1]) if line.strip() and not line.startswith("#")]
wanted = {(name(package), version) for package, version in (line.split("==") for line in lines)}
missing = wanted - {(name(each.metadata["Name"]), each.version) for each in distributions()}
sys.exit(f"not installed: {sorted(missing)}" if missing else 0)
"""


def verify(python: str, requirements: Path, imports: tuple[str, ...]) -> None:
    """Everything that is listed is there in that version, and what matters can be imported."""
    run([python, "-c", COMPARE, str(requirements)])
    run([python, "-c", f"import {', '.join(imports)}"])


def tiny_model(python: Path) -> Path:
    script = HERE / "make_model.py"

    def make(folder: Path) -> None:
        run([str(python), str(script), str(folder)])

    return made_once("models", "tiny", f"{(HERE / 'vllm.txt').read_text()}\n{script.read_text()}", make)


def run(command: list[str]) -> None:
    # Beside other work, setting up may take its time.
    result = subprocess.run(
        ["nice", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
    )
    if result.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {result.returncode}:\n{result.stdout[-3000:]}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    with ThreadPoolExecutor() as pool:
        litellm = pool.submit(environment, "litellm", "litellm.proxy.proxy_server")
        vllm = environment("vllm", "torch", "vllm", "transformers")
        model = tiny_model(vllm)
        print(json.dumps({"vllm": str(vllm), "litellm": str(litellm.result()), "model": str(model)}))


if __name__ == "__main__":
    main()
