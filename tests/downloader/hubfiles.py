"""The files of the tests' repositories: tiny real models, and how a Hub names their content."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

LFS_SUFFIXES = (".safetensors", ".bin", ".pth", ".gguf")


def safetensors(tensors: dict[str, int], seed: int) -> bytes:
    """A valid safetensors file: each tensor is `n` float32 numbers with reproducible bytes."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, count in tensors.items():
        data = b"".join(hashlib.sha256(f"{seed} {name} {i}".encode()).digest() for i in range(count * 4 // 32 + 1))
        data = data[: count * 4]
        header[name] = {"dtype": "F32", "shape": [count], "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def tiny_model(seed: int = 1, shards: int = 2, count: int = 20_000) -> dict[str, bytes]:
    """What a repository of an instruct model has, in small: two shards and an index, and what must not be fetched."""
    names = [f"model-{i:05d}-of-{shards:05d}.safetensors" for i in range(1, shards + 1)]
    files = {
        name: safetensors({f"layer.{i}.weight": count, f"layer.{i}.bias": 8}, seed) for i, name in enumerate(names)
    }
    weight_map = {f"layer.{i}.{part}": name for i, name in enumerate(names) for part in ("weight", "bias")}
    index = {"metadata": {"total_size": sum(map(len, files.values()))}, "weight_map": weight_map}
    return {
        ".gitattributes": b"*.safetensors filter=lfs\n",
        "README.md": b"# A tiny model\n",
        "config.json": json.dumps({"model_type": "tiny", "seed": seed}).encode(),
        "model.safetensors.index.json": json.dumps(index).encode(),
        "tokenizer.json": json.dumps({"vocab": {str(i): i for i in range(300)}, "seed": seed}).encode(),
        "original/consolidated.00.pth": b"the same weights again" * 100,
        "ggml-model-q4.gguf": b"GGUF and again" * 100,
        **files,
    }


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sizes_of(name: str, content: bytes) -> dict[str, Any]:
    """What a listing says of a file where it is asked for sizes and hashes."""
    one: dict[str, Any] = {"size": len(content), "blobId": blob_id(content)}
    if name.endswith(LFS_SUFFIXES):
        one["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
    return one
