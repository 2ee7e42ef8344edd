"""Makes a virtual environment for each version of huggingface_hub; prints the version and its interpreter as JSON.

They lie in the cache, outside the repository. An environment counts only with its `.complete` file, which is written
last, and a lock keeps two runs from making the same one.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

VERSIONS = json.loads((Path(__file__).parent / "versions.json").read_text())


def environment(version: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vllm-on-openshift" / "venvs"
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    wanted = [f"huggingface_hub=={version}", f"pytest=={VERSIONS['pytest']}"]
    folder = cache / f"huggingface_hub-{version}-{python}"
    complete = folder / ".complete"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists() or json.loads(complete.read_text()) != wanted:
            print(f"making a Python environment with huggingface_hub {version} …", file=sys.stderr, flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            run([sys.executable, "-m", "venv", str(folder)])
            run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input", *wanted])
            complete.with_suffix(".tmp").write_text(json.dumps(wanted))
            complete.with_suffix(".tmp").rename(complete)
    return folder / "bin" / "python"


def run(command: list[str]) -> None:
    result = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    if result.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {result.returncode}:\n{result.stdout[-2000:]}")


if __name__ == "__main__":
    versions = VERSIONS["huggingface_hub"]
    with ThreadPoolExecutor() as pool:
        print(json.dumps({version: str(path) for version, path in zip(versions, pool.map(environment, versions))}))
