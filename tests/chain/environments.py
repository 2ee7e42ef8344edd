"""Makes what the chain runs on: vLLM and LiteLLM, each in a virtual environment of its own, the tiny model, and Claude Code.

    python environments.py [VERSION-OF-VLLM]...

Prints `{"vllm": <python>, "litellm": <python>, "model": <folder>, "claude": <program>}`, of the newest vLLM in `requirements`. With
versions named: `{"versions": {<version>: <python>}, "model": <folder>}`. All lie in the cache, under names that hold a hash of all that they are made from, so
that a change makes new ones. A folder counts only with its `.complete` file, which is written last; a lock keeps two runs from making the
same one. The CUDA libraries that torch is linked against take 3 to 4 GB: what another environment has in the same version is shared with
it by hard links.
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
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import distributions
from pathlib import Path

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vllm-on-openshift"
PYTHON = f"python{platform.python_version()}-{platform.machine()}"
SITE_PACKAGES = Path("lib") / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


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
    """A virtual environment with exactly what `requirements/<name>.txt` lists, in which `imports` can be imported."""
    requirements = REQUIREMENTS / f"{name}.txt"

    def make(folder: Path) -> None:
        run([sys.executable, "-m", "venv", str(folder)])
        python = str(folder / "bin" / "python")
        share(pinned(requirements), folder)
        run([python, "-m", "pip", "install", "--no-input", "--no-cache-dir", "--no-deps", "-r", str(requirements)])
        verify(python, requirements, imports)

    return made_once("venvs", name, f"{PYTHON}\n{requirements.read_text()}", make) / "bin" / "python"


def vllm(version: str) -> Path:
    return environment(f"vllm-{version}", "torch", "vllm", "transformers")


def pinned(requirements: Path) -> set[tuple[str, str]]:
    lines = [line.strip() for line in requirements.read_text().splitlines()]
    return {(canonical(name), version) for name, version in (line.split("==") for line in lines if line and not line.startswith("#"))}


def canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def share(wanted: set[tuple[str, str]], folder: Path) -> None:
    """Links what other complete environments of this Python have of `wanted`, where it lies in site-packages alone."""
    site = folder / SITE_PACKAGES
    for complete in (CACHE / "venvs").glob("*/.complete"):
        if not complete.read_text().startswith(f"{PYTHON}\n"):
            continue
        theirs = complete.parent / SITE_PACKAGES
        for found in distributions(path=[str(theirs)]):
            files = [file for file in found.files or [] if "__pycache__" not in file.parts]
            if (canonical(found.metadata["Name"]), found.version) not in wanted or any(".." in file.parts for file in files):
                continue
            for file in files:
                link = site / file
                link.parent.mkdir(parents=True, exist_ok=True)
                # A package's namespace may be another's too: nvidia/__init__.py.
                if not link.exists() and (theirs / file).exists():
                    os.link(theirs / file, link)
            wanted = wanted - {(canonical(found.metadata["Name"]), found.version)}


COMPARE = """
import json, sys
from importlib.metadata import distributions
name = lambda text: text.lower().replace("_", "-").replace(".", "-")
wanted = {tuple(each) for each in json.loads(sys.argv[1])}
missing = wanted - {(name(each.metadata["Name"]), each.version) for each in distributions()}
sys.exit(f"not installed: {sorted(missing)}" if missing else 0)
"""


def verify(python: str, requirements: Path, imports: tuple[str, ...]) -> None:
    """Everything that is listed is there in that version, and what matters can be imported."""
    run([python, "-c", COMPARE, json.dumps(sorted(pinned(requirements)))])
    run([python, "-c", f"import {', '.join(imports)}"])


def versions() -> list[str]:
    """Those of vLLM, from the oldest to the newest."""
    found = (path.stem.removeprefix("vllm-") for path in REQUIREMENTS.glob("vllm-*.txt"))
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")])


def tiny_model() -> Path:
    newest = versions()[-1]
    script = HERE / "make_model.py"

    def make(folder: Path) -> None:
        run([str(vllm(newest)), str(script), str(folder)])

    sources = [REQUIREMENTS / f"vllm-{newest}.txt", script, HERE / "answers.py"]
    recipe = "\n".join(file.read_text() for file in sources)
    return made_once("models", "tiny", recipe, make)


def claude_code() -> Path:
    """The program itself, out of the package of this platform: no script of a package runs, and nothing else is installed."""
    pinned_as = REQUIREMENTS / "claude-code"
    files = [pinned_as / "package.json", pinned_as / "package-lock.json"]

    def make(folder: Path) -> None:
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        run(["npm", "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"])

    recipe = "\n".join(file.read_text() for file in files)
    return made_once("claude-code", "claude-code", recipe, make) / "node_modules/@anthropic-ai/claude-code-linux-x64/claude"


def run(command: list[str], every: float = 15) -> None:
    """Runs it to its end, and says every so many seconds what it said last: an environment takes minutes."""
    started = time.monotonic()
    output: list[str] = []
    # Beside other work, setting up may take its time.
    with subprocess.Popen(
        ["nice", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
    ) as process:
        reader = threading.Thread(target=lambda: output.extend(process.stdout or []))
        reader.start()
        while reader.is_alive():
            reader.join(every)
            if reader.is_alive():
                say(f"  {time.monotonic() - started:.0f} s: {output[-1].strip()[:100] if output else Path(command[0]).name}")
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}:\n{''.join(output)[-3000:]}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    named = sys.argv[1:]
    if unknown := set(named) - set(versions()):
        raise SystemExit(f"no requirements for vLLM {', '.join(sorted(unknown))}; there are {', '.join(versions())}")
    if named:
        print(json.dumps({"versions": {version: str(vllm(version)) for version in named}, "model": str(tiny_model())}))
        return
    with ThreadPoolExecutor() as pool:
        litellm = pool.submit(environment, "litellm", "litellm.proxy.proxy_server")
        claude = pool.submit(claude_code)
        newest = vllm(versions()[-1])
        model = tiny_model()
        made = {"vllm": newest, "litellm": litellm.result(), "model": model, "claude": claude.result()}
        print(json.dumps({name: str(path) for name, path in made.items()}))


if __name__ == "__main__":
    main()
