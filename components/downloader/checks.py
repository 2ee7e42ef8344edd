"""Checks of what lies on the disk."""

from __future__ import annotations

import contextlib
import json
import stat
import struct
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from failures import Corrupt
from files import WEIGHTS, RemoteFile, matches
from output import one_line, say

CHUNK = 1 << 20
SAFETENSORS_HEADER_LIMIT = 100_000_000
DTYPE_BITS = {"F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16,
              "U16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "I8": 8, "U8": 8, "BOOL": 8}  # fmt: skip


def safetensors_names(path: Path) -> set[str]:
    """The tensors of a safetensors file; raises Corrupt when header and size do not fit together.

    The format: https://huggingface.co/docs/safetensors/index#format
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else -1
        if not 0 < length <= min(SAFETENSORS_HEADER_LIMIT, size - 8):
            raise Corrupt(f"{path.name} is no whole safetensors file: {size} bytes, header of {length}")
        text = stream.read(length)
    try:
        header = json.loads(text) if text.startswith(b"{") else None
        if not isinstance(header, dict):
            raise ValueError("it is no JSON object")
        header.pop("__metadata__", None)
        spans = []
        for name, tensor in header.items():
            begin, stop = tensor["data_offsets"]
            bits = DTYPE_BITS.get(tensor["dtype"])
            count = 1
            for dimension in tensor["shape"]:
                count *= dimension
            if bits and count * bits != (stop - begin) * 8:
                raise ValueError(f"tensor {name} has {stop - begin} bytes for its shape")
            spans.append((begin, stop))
        at = 0
        for begin, stop in sorted(spans):
            if begin != at or stop < begin:
                raise ValueError(f"a hole or an overlap at byte {at}")
            at = stop
    except (ValueError, TypeError, KeyError, UnicodeDecodeError) as error:
        raise Corrupt(f"{path.name} has a broken safetensors header: {one_line(error)}") from error
    if 8 + length + at != size:
        raise Corrupt(f"{path.name} has {size} bytes, its safetensors header says {8 + length + at}")
    return set(header)


def check_contents(
    folder: Path,
    names: Iterable[str],
    excluded: Iterable[str] = (),
    config: tuple[str, ...] = ("config.json", "params.json"),
) -> None:
    """Every safetensors header, and every index: its shards are there, and in them the tensors it lists.

    One of `config` must be there.

    An index whose shards were all left out on purpose (`excluded`) is of no account.
    """
    present = set(names)
    left_out = set(excluded)
    weights = sorted(name for name in present if name.endswith(".safetensors"))
    tensors: dict[str, set[str]] = {}
    for number, name in enumerate(weights, 1):
        tensors[name] = safetensors_names(folder / name)
        if number % 50 == 0 or number == len(weights):
            say(f"verifying {number} of {len(weights)} files")
    for name in sorted(present):
        if not name.endswith(".index.json"):
            continue
        try:
            weight_map = json.loads((folder / name).read_bytes()).get("weight_map") or {}
            base = PurePosixPath(name).parent
            wanted = {tensor: str(base / shard) for tensor, shard in weight_map.items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise Corrupt(f"{name} is no index of shards: {one_line(error)}") from error
        shards = set(wanted.values())
        if shards and shards <= left_out:
            continue
        missing = sorted(shards - present)
        if missing:
            raise Corrupt(f"{len(missing)} of {len(shards)} shards that {name} names are missing, first {missing[0]}")
        lost = sorted(tensor for tensor, shard in wanted.items() if shard in tensors and tensor not in tensors[shard])
        if lost:
            raise Corrupt(f"{len(lost)} tensors that {name} lists are not in their shards, first {lost[0]}")
    if not present.intersection(config):
        raise Corrupt(f"{config[0]} is missing")
    if not any(matches(name, WEIGHTS) for name in present):
        raise Corrupt("there are no weights (*.safetensors, *.bin, *.pt, *.pth, *.gguf)")


def hash_file(path: Path, file: RemoteFile) -> str:
    """The file's sha256; raises Corrupt when it is not the listed file."""
    hasher = file.hasher()
    with path.open("rb") as stream:
        while data := stream.read(CHUNK):
            hasher.update(data)
    return hasher.finish()


def plain_size(folder: Path, name: str) -> int:
    """The size of a regular file in the folder, -1 for anything else; symbolic links are not followed."""
    path = folder / name
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and path.parent.resolve() == (folder.resolve() / name).parent:
            return status.st_size
    return -1
