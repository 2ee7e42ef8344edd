"""The way to the Hub: names, addresses, proxies and certificates."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakehub import FakeHub
from hubfiles import tiny_model
from support import MODEL, Volume, needed, self_signed


@pytest.mark.fault(
    "HTTP 403 in the Hub's place, without its own headers", "exit 13, says that a proxy or firewall refuses"
)
def test_proxy_refuses_the_hub(hub: FakeHub, volume: Volume) -> None:
    hub.fault("/api/models/", "status", times=-1, status=403, headers={"Server": "Zscaler/6.2"})
    result = volume.run()
    assert result.failed(13, "network")
    assert "Zscaler/6.2, without a Hub's own headers" in result.last
    assert "token" not in result.last


@pytest.mark.fault("offline mode, nothing on the volume", "exit 12")
def test_offline(volume: Volume) -> None:
    result = volume.run(HF_HUB_OFFLINE="1")
    assert result.failed(12, "offline")
    assert "offline mode is enabled" in result.last


@pytest.mark.fault("DNS: the Hub's name does not resolve", "exit 13")
def test_dns(volume: Volume) -> None:
    result = volume.run(HF_ENDPOINT="http://hub.invalid", MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")
    assert "DNS" in result.last and "hub.invalid" in result.last


@pytest.mark.fault("nothing listens at the Hub's address", "exit 13")
def test_refused(volume: Volume) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        result = volume.run(HF_ENDPOINT=f"http://127.0.0.1:{free.getsockname()[1]}", MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")


@pytest.mark.fault("the proxy is not there", "exit 13, names the proxy, not its password")
def test_proxy_absent(volume: Volume) -> None:
    proxy = "http://user:ProxyPassword9@127.0.0.1:9"
    result = volume.run(HF_ENDPOINT="https://hub.example", HTTPS_PROXY=proxy, MODEL_RETRY_SECONDS="1")
    assert result.failed(13, "network")
    assert "ProxyPassword9" not in result.output


@pytest.mark.fault("the proxy refuses to connect us", "exit 13, names the proxy")
def test_proxy_refuses(volume: Volume) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    threading.Thread(target=refuse, daemon=True).start()
    proxy = f"http://127.0.0.1:{server.getsockname()[1]}"
    result = volume.run(HF_ENDPOINT="https://hub.example", HTTPS_PROXY=proxy, MODEL_RETRY_SECONDS="1")
    server.close()
    assert result.failed(13, "network")
    assert "proxy" in result.last


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[FakeHub, str]]:
    """A Hub with the test's model behind TLS, and the certificate of the CA that signed for it."""
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    hub = FakeHub(context)
    hub.files = tiny_model()
    hub.commit(MODEL, hub.files)
    yield hub, str(certificate)
    hub.close()
    assert hub.unknown == []


@pytest.mark.fault("TLS: the Hub's certificate is signed by an unknown CA", "exit 13; whole once the CA is given")
def test_custom_ca(tls: tuple[FakeHub, str], tmp_path: Path) -> None:
    hub, certificate = tls
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        path = tmp_path / name
        path.mkdir()
        volume = Volume(path, hub.url)
        result = volume.run()
        assert result.failed(13, "network")
        assert "TLS" in result.last
        assert volume.run(**{name: certificate}).is_complete()
        assert volume.content() == needed(hub.files)


def tunnel(server: socket.socket, port: int, asked: list[str]) -> None:
    """A proxy that leads every CONNECT to one port of this machine."""

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            asked.append(client.recv(10_000).decode().split()[1])
            hub = socket.create_connection(("127.0.0.1", port))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for ends in ((client, hub), (hub, client)):
                threading.Thread(target=pump, args=ends, daemon=True).start()


@pytest.mark.fault("the Hub can be reached through a proxy alone", "whole; what NO_PROXY names is reached without it")
def test_through_a_proxy(tls: tuple[FakeHub, str], tmp_path: Path) -> None:
    hub, certificate = tls
    asked: list[str] = []
    port = int(hub.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=tunnel, args=(server, port, asked), daemon=True).start()
        env = {"HTTPS_PROXY": f"http://127.0.0.1:{server.getsockname()[1]}", "SSL_CERT_FILE": certificate}
        for endpoint, no_proxy in ((f"https://hub.invalid:{port}", ".svc"), (hub.url, "127.0.0.1,.svc")):
            path = tmp_path / str(len(asked))
            path.mkdir()
            volume = Volume(path, endpoint)
            result = volume.run(**env, NO_PROXY=no_proxy)
            assert result.is_complete(), result.output
            assert volume.content() == needed(hub.files)
            assert set(asked) == {f"hub.invalid:{port}"}
