"""Web server and worker as children of one process, kept alive and ended together."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO

import click

from portal.cli.processes import UNTIL_STDIN_ENDS

LOOK_SECONDS = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
# A little more than children take to finish what they have in hand.
PATIENCE_SECONDS = 35.0
# Exit codes of a child that said itself why it cannot start.
REFUSALS = frozenset({1, 2})
# Ctrl+C is for the supervisor, which ends its children in order; Windows says so its own way.
GROUP = None if sys.platform == "win32" else 0
FLAGS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


class Child:
    """One of the portal's commands as a process that is started again whenever it dies."""

    def __init__(self, command: str) -> None:
        self.command = command
        self._began_well = threading.Event()
        self._ever_began_well = False
        self._pause = FIRST_PAUSE
        self._back_at = 0.0
        self._start()

    def _start(self) -> None:
        self._began_well = threading.Event()
        program = [sys.executable, "-P", "-m", "portal.cli", self.command, UNTIL_STDIN_ENDS]
        # Our end of its standard input closes with us, however we end.
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(  # noqa: S603 - our own
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=GROUP,
            creationflags=FLAGS,
        )
        pump = (self._process.stdout, self._began_well)
        threading.Thread(target=_pass_on, args=pump, daemon=True).start()

    def look_after(self) -> None:
        """Start it again when it died; raises SystemExit when it cannot start at all."""
        moment = time.monotonic()
        if self._process is None:
            if moment >= self._back_at:
                self._start()
            return
        code = self._process.poll()
        if code is None:
            return
        self.tell_to_end()
        self._process = None
        began_well = self._began_well.is_set()
        self._ever_began_well |= began_well
        if code in REFUSALS and not self._ever_began_well:
            # It has said why.
            raise SystemExit(1)
        if began_well:
            self._pause = FIRST_PAUSE
        self._back_at = moment + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        click.echo(
            f"`portal {self.command}` ended with code {code}; it is started again.", err=True
        )

    def tell_to_end(self) -> None:
        """Let it finish what it has in hand and end."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self, until: float) -> None:
        """Wait for its end until a moment of the steady clock, then kill it."""
        if self._process is None:
            return
        try:
            self._process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _pass_on(words: IO[bytes], began_well: threading.Event) -> None:
    """Pass on what a child says; it speaks for the first time once it is at work."""
    with words:
        for line in words:
            began_well.set()
            with suppress(OSError):
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()


def keep_running(commands: tuple[str, ...], told: threading.Event) -> None:
    """Keep these commands running until told to end; raises SystemExit(1) when one cannot."""
    children: list[Child] = []
    try:
        children += (Child(command) for command in commands)
        while not told.wait(LOOK_SECONDS):
            for child in children:
                child.look_after()
    finally:
        for child in children:
            child.tell_to_end()
        until = time.monotonic() + PATIENCE_SECONDS
        for child in children:
            child.wait(until)
