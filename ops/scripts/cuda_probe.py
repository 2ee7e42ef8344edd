"""What a pod of this image sees of the GPU and the Hub. Prints `name: value` lines; exits with 1 where CUDA cannot be used.

With the argument `hub` it only asks the Hub, and exits with 1 where that cannot be reached.
"""

from __future__ import annotations

import ctypes.util
import glob
import http.client
import os
import subprocess
import sys
import urllib.error
import urllib.request


def say(name: str, value: object) -> None:
    print(f"{name}: {value}", flush=True)


def nvidia_smi() -> None:
    query = "driver_version,name,memory.total,memory.used"
    command = ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"]
    try:
        lines = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    except (OSError, subprocess.SubprocessError) as error:
        say("driver", f"nvidia-smi failed: {error}")
        return
    for index, line in enumerate(lines):
        driver, name, total, used = (part.strip() for part in line.split(","))
        if index == 0:
            say("driver", driver)
        say("GPU", f"{name}, {total}, {used} used")


# Where images and the NVIDIA container toolkit put it. No search: a tree such as /usr/lib can hold links to itself.
LIBRARY_FOLDERS = ("/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/nvidia/lib64")


def libraries() -> None:
    found = [path for folder in LIBRARY_FOLDERS for path in sorted(glob.glob(f"{folder}/libcuda.so*"))]
    say("libcuda.so", ", ".join(found) or ctypes.util.find_library("cuda") or "not found")
    compat = sorted(glob.glob("/usr/local/cuda/compat/*"))
    say("/usr/local/cuda/compat", ", ".join(map(os.path.basename, compat)) or "empty")


def torch_cuda() -> bool:
    try:
        import torch
    except ImportError as error:
        say("torch", f"cannot be imported: {error}")
        return False
    say("torch.version.cuda", torch.version.cuda)
    available = torch.cuda.is_available()
    say("torch.cuda.is_available", available)
    if available:
        free, total = torch.cuda.mem_get_info()
        say("memory", f"{free / 2**30:.1f} of {total / 2**30:.1f} GiB free")
    return bool(available)


def hub() -> bool:
    endpoint = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    try:
        with urllib.request.urlopen(f"{endpoint}/api/models?limit=1", timeout=15) as answer:
            say("Hub", f"{endpoint} answers {answer.status}")
    except urllib.error.HTTPError as error:
        say("Hub", f"{endpoint} answers {error.code}")
        # A mirror may not know this page. A proxy that refuses, and a server that fails, answer so, too.
        return error.code < 500 and error.code != 407
    # What speaks no HTTP is no OSError.
    except (OSError, http.client.HTTPException) as error:
        say("Hub", f"{endpoint} cannot be reached: {str(error).strip()}")
        return False
    return True


def main(only_hub: bool) -> int:
    if only_hub:
        return 0 if hub() else 1
    for name in sorted(os.environ):
        if name.startswith(("NVIDIA_", "CUDA_")):
            say(name, os.environ[name])
    nvidia_smi()
    libraries()
    usable = torch_cuda()
    hub()
    return 0 if usable else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:] == ["hub"]))
