"""The pure parts: choice of files, header checks, what is shown, settings. No Hub, no process."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from types import SimpleNamespace

import checks
import pytest
from failures import EXIT_CODES, Corrupt, Failure, retry_after
from files import RemoteFile, safe_path, select
from hubfiles import safetensors
from output import Progress, Redacted, say, size_text, time_text
from settings import read_settings
from snapshot import Download
from support import TOKEN
from volume import Volume

pytestmark = pytest.mark.once


def names(listing: list[str], allow: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> list[str]:
    return [file.path for file in select([RemoteFile(name, 1, None, None) for name in listing], allow, ignore)]


QWEN = [".gitattributes", "LICENSE", "README.md", "config.json", "generation_config.json", "merges.txt",
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
        "tokenizer.json", "tokenizer_config.json", "vocab.json"]  # fmt: skip


def test_select_leaves_out_what_vllm_does_not_read() -> None:
    assert names(QWEN) == [name for name in QWEN if name not in (".gitattributes", "README.md")]


@pytest.mark.parametrize(
    "duplicate",
    ["original/consolidated.00.pth", "original/params.json", "metal/model.bin", "pytorch_model.bin",
     "pytorch_model.bin.index.json", "model-q4_k_m.gguf", "consolidated.safetensors",
     "consolidated.safetensors.index.json", "onnx/model.onnx", "tf_model.h5", "flax_model.msgpack"],
)  # fmt: skip
def test_select_leaves_out_the_same_weights_in_another_form(duplicate: str) -> None:
    assert duplicate not in names([*QWEN, duplicate])


def test_select_takes_other_forms_where_there_is_no_safetensors() -> None:
    assert names(["config.json", "pytorch_model.bin"]) == ["config.json", "pytorch_model.bin"]
    assert names(["config.json", "model.gguf"]) == ["config.json", "model.gguf"]
    assert names(["params.json", "consolidated.safetensors"]) == ["params.json", "consolidated.safetensors"]


def test_patterns_of_the_settings() -> None:
    listing = [*QWEN, "consolidated.safetensors", "original/x.pth"]
    assert names(listing, allow=("*.json", "*.safetensors")) == [
        name for name in QWEN if name.endswith((".json", ".safetensors"))
    ]
    assert "consolidated.safetensors" in names(listing, allow=("*.json", "consolidated.safetensors"))
    assert "original/x.pth" in names(listing, allow=("original/*", "*.pth", "*.json"))
    assert names(["a/b.json", "c.json"], allow=("a/",)) == ["a/b.json"]
    assert "merges.txt" not in names(listing, ignore=("*.txt",))
    assert "README.md" not in names(listing, ignore=("*.txt",))


@pytest.mark.parametrize("path", ["config.json", "a/b/c.json", "..a", "a..b"])
def test_safe_path(path: str) -> None:
    assert safe_path(path)


@pytest.mark.parametrize("path", ["", "/a", "..", "a/../b", "./a", "a//b", "a/", "a\\b", "a\n", "a\x00b"])
def test_unsafe_path(path: str) -> None:
    assert not safe_path(path)


def header(fields: object, body: int = 0) -> bytes:
    text = json.dumps(fields).encode()
    return struct.pack("<Q", len(text)) + text + bytes(body)


def test_safetensors_names(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors({"a": 10, "b": 3}, seed=1))
    assert checks.safetensors_names(path) == {"a", "b"}


GOOD = {"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no whole safetensors file"),
        (b"1234567", "no whole safetensors file"),
        (struct.pack("<Q", 100) + b"{}", "no whole safetensors file"),
        (struct.pack("<Q", 1 << 62) + b"{}", "no whole safetensors file"),
        (struct.pack("<Q", 2) + b"[]", "no JSON object"),
        (struct.pack("<Q", 4) + b"{\xff\xff}", "broken safetensors header"),
        (header({"a": GOOD}, 7), "has 79 bytes, its safetensors header says 80"),
        (header({"a": GOOD}, 9), "has 81 bytes, its safetensors header says 80"),
        (header({"a": {**GOOD, "shape": [2, 3]}}, 8), "tensor a has 8 bytes for its shape"),
        (header({"a": GOOD, "b": {**GOOD, "data_offsets": [9, 17]}}, 17), "a hole or an overlap at byte 8"),
        (header({"a": GOOD, "b": {**GOOD, "data_offsets": [4, 12]}}, 12), "a hole or an overlap at byte 8"),
        (header({"a": {"dtype": "F16"}}), "broken safetensors header"),
        (header({"a": 1}), "broken safetensors header"),
    ],
)
def test_safetensors_that_are_not_whole(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(Corrupt) as error:
        checks.safetensors_names(path)
    assert says in str(error.value)


def test_index_that_lists_tensors_which_its_shards_lack(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "a.safetensors").write_bytes(safetensors({"x": 1}, 1))
    (tmp_path / "a.index.json").write_text(json.dumps({"weight_map": {"x": "a.safetensors", "y": "a.safetensors"}}))
    with pytest.raises(Corrupt, match=r"1 tensors that a.index.json lists are not in their shards, first y"):
        checks.check_contents(tmp_path, ["config.json", "a.safetensors", "a.index.json"])


def test_index_whose_shards_were_left_out_on_purpose(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "a.safetensors").write_bytes(safetensors({"x": 1}, 1))
    (tmp_path / "b.index.json").write_text(json.dumps({"weight_map": {"x": "b.safetensors"}}))
    present = ["config.json", "a.safetensors", "b.index.json"]
    checks.check_contents(tmp_path, present, ["b.safetensors"])
    with pytest.raises(Corrupt):
        checks.check_contents(tmp_path, present)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("", None), ("3", 3), ("0.5", 0.5), ("-1", None), ("soon", None), ("nan", None)],
)
def test_retry_after(value: str, seconds: float) -> None:
    assert retry_after(value) == seconds


def test_retry_after_as_a_date() -> None:
    from datetime import datetime, timedelta, timezone
    from email.utils import format_datetime

    value = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=30), usegmt=True)
    assert 27 < (retry_after(value) or 0) <= 30


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"token {TOKEN}", "token [redacted]"),
        ("my%2Fsecret", "[redacted]"),
        ("hf_AnotherToken123", "[redacted]"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("via http://user:pw@proxy:8080/x", "via http://[redacted]@proxy:8080/x"),
        ("GET https://cdn/x?X-Amz-Signature=1&b=2 failed", "GET https://cdn/x?[redacted] failed"),
        ("https://huggingface.co/tiny/model", "https://huggingface.co/tiny/model"),
    ],
)
def test_redacted(text: str, shown: str) -> None:
    import io

    stream = io.StringIO()
    print(text, file=Redacted(stream, [TOKEN, "my/secret", ""]), end="")
    assert stream.getvalue() == shown


def test_a_line_is_one_write_so_that_no_two_threads_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[str] = []
    monkeypatch.setattr("sys.stdout", SimpleNamespace(write=writes.append, flush=lambda: None))
    say("complete")
    assert writes == ["model-downloader: complete\n"]


def test_progress_line(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("output.time.monotonic", lambda: now[0])
    progress = Progress(5_600_000_000)
    assert progress.line() == "downloading 0.0 of 5.6 GB (0 %)"
    progress.add(350_000_000)  # found on the volume: no rate comes of it
    now[0] += 10
    progress.add(850_000_000, received=True)
    assert progress.line() == "downloading 1.2 of 5.6 GB (21 %), 85 MB/s, 52 s left"
    now[0] += 600
    for _ in range(8):
        now[0] += 5
        line = progress.line()
    assert line == "downloading 1.2 of 5.6 GB (21 %), 0 B/s, nothing arrives"


def test_sizes_and_times() -> None:
    assert [size_text(size) for size in (0, 999, 1500, 2.5e6, 5.6e9)] == ["0 B", "999 B", "1.5 kB", "2.5 MB", "5.6 GB"]
    assert [time_text(time) for time in (0, 0.4, 59, 61, 3700)] == ["0 s", "0.4 s", "59 s", "1 min 1 s", "1 h 1 min"]


def test_settings_name_all_mistakes_at_once(tmp_path: Path) -> None:
    env = {"MODEL_ID": "../../etc", "MODELS_PATH": "models", "MODEL_VERIFY": "some", "MODEL_SOURCE": "s3",
           "MODEL_RETRY_SECONDS": "long", "HF_ENDPOINT": "ftp://x", "HF_TOKEN": "two words",
           "SSL_CERT_FILE": "/absent"}  # fmt: skip
    with pytest.raises(Failure) as error:
        read_settings(env)
    assert error.value.name == "usage"
    text = str(error.value)
    assert "'MODEL_ID' (../../etc) must be owner/name" in text
    assert "'MODELS_PATH' (models) must be an absolute path" in text
    assert "'MODEL_VERIFY' (some) must be sizes, headers or full" in text
    for name in env:
        assert f"'{name}'" in text
    assert "two words" not in text


def test_exit_codes_are_distinct() -> None:
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES)
    assert not {0, 1, 2, 137, 143} & set(EXIT_CODES.values())


def test_a_file_that_changes_after_its_download_is_not_served(tmp_path: Path) -> None:
    volume = Volume(read_settings({"MODEL_ID": "tiny/model", "MODELS_PATH": str(tmp_path)}))
    volume.prepare()
    hub = SimpleNamespace(has_xet=lambda: False)
    download = Download(volume, hub, "0" * 40, [RemoteFile("tokenizer.json", 4, None, None)])  # type: ignore[arg-type]
    download.prepare()
    (download.new / "tokenizer.json").write_bytes(b"four and more")
    with pytest.raises(Failure, match=r"tokenizer\.json was changed by another process after its download"):
        download.publish([])
    assert not volume.served.exists()
