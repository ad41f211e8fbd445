"""`portal run` as a real process tree that tests can hurt."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from portal.config import Settings
from tests.conftest import SECRET

READY_SECONDS = 10.0
COMMANDS = ("serve", "worker")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def await_that(true: Callable[[], object], seconds: float = READY_SECONDS) -> float:
    """Wait until something becomes true and return how long that took; raises AssertionError."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - begun


def is_running(pid: int) -> bool:
    """Say whether a process exists and is no mere remainder."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class Tree:
    """A supervisor, a web server and a worker, on a database of their own."""

    def __init__(self, settings: Settings, **environment: str) -> None:
        self.port = free_port()
        self.log = settings.data_dir / "log.txt"
        self.environment = {
            **os.environ,
            "PORTAL_DATA_DIR": str(settings.data_dir),
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_KEY_RING": str(settings.key_ring),
            "PORTAL_BIND": f"127.0.0.1:{self.port}",
            "PORTAL_BASE_URL": "",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: str = "run") -> subprocess.Popen[bytes]:
        """Start `portal run` or another command that goes on; its words go to a file."""
        program = [sys.executable, "-P", "-m", "portal.cli", command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                program,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self.process

    def connect(self) -> http.client.HTTPConnection:
        """Return a new line to the web server."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def answers(self) -> bool:
        """Say whether the web server and its database answer."""
        try:
            with closing(self.connect()) as line:
                line.request("GET", "/sehat")
                return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def children(self) -> dict[str, int]:
        """Return the children's process ids, by command."""
        assert self.process is not None
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                if status[0] != "Z" and int(status[1]) == self.process.pid:
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                    found |= {name: int(folder.name) for name in COMMANDS if name.encode() in words}
        return found

    def kill(self, *commands: str) -> None:
        """Kill children without any chance to tidy up."""
        alive = self.children()
        for command in commands:
            if command in alive:
                os.kill(alive[command], signal.SIGKILL)

    def said(self) -> str:
        """Return everything that was written to the console."""
        return self.log.read_text()

    def end(self) -> None:
        """Leave nothing behind, whatever a test has done."""
        if self.process is None:
            return
        left = self.children().values() if self.process.poll() is None else ()
        for pid in (self.process.pid, *left):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
