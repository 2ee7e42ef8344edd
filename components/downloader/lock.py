"""One downloader per model and volume."""

from __future__ import annotations

import errno
import fcntl
import itertools
import os
import socket
import threading
import time
import uuid
from typing import Any

from failures import EXIT_CODES, Failure
from output import end, one_line, say
from volume import Volume, read_json, write_json


class Lock:
    """One downloader per model and volume.

    flock(2) ends with its process, however that ends. On a filesystem without it (some network filesystems), a lease:
    a file that the holder renews, and that others take over once they have watched it stand still for a while. A holder
    that wakes up after that ends within seconds. Should both write meanwhile, sizes show it: they are compared when a file
    is accepted, before the switch, and at every start.
    """

    LEASE_SECONDS = 30.0
    UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL)

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        self.path = volume.state / "lock"
        self.lease = volume.state / "lease"
        self.me = f"{socket.gethostname()} (process {os.getpid()})"
        self.started = time.monotonic()
        self.said = False

    def acquire(self) -> None:
        self.handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o664)
        while True:
            try:
                fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                self.wait(one_line(os.pread(self.handle, 200, 0).decode(errors="replace")) or "another process")
            except OSError as error:
                if error.errno not in self.UNSUPPORTED:
                    raise
                say(f"the volume has no locks ({error.strerror}); using a lease instead")
                return self.acquire_lease()
        os.ftruncate(self.handle, 0)
        os.pwrite(self.handle, self.me.encode(), 0)

    def wait(self, holder: str) -> None:
        limit = self.volume.settings.retry_seconds
        if time.monotonic() - self.started > limit:
            raise Failure("locked", f"{holder} is downloading {self.volume.settings.model} to this volume and did not "
                          f"end within {limit:g} s.")  # fmt: skip
        if not self.said:
            say(f"waiting for {holder}, which is downloading to this volume")
            self.said = True
        time.sleep(min(0.5, self.LEASE_SECONDS / 10))

    def acquire_lease(self) -> None:
        token = uuid.uuid4().hex
        seen: dict[str, Any] = {}
        since = time.monotonic()
        while True:
            now = read_json(self.lease)
            if now != seen:
                seen, since = now, time.monotonic()
            if not now or time.monotonic() - since > self.LEASE_SECONDS:
                self.renew(token, 0)
                time.sleep(self.LEASE_SECONDS / 10)  # whoever else saw the same gap has written by now; the last wins
                if read_json(self.lease).get("token") == token:
                    break
            else:
                self.wait(str(now.get("holder")))

        def keep() -> None:
            for beat in itertools.count(1):
                time.sleep(self.LEASE_SECONDS / 6)
                if read_json(self.lease).get("token") != token:
                    say("error: locked: another downloader took the lease over.")
                    end(EXIT_CODES["locked"])
                self.renew(token, beat)

        threading.Thread(target=keep, daemon=True).start()

    def renew(self, token: str, beat: int) -> None:
        write_json(self.lease, {"holder": self.me, "token": token, "beat": beat})
