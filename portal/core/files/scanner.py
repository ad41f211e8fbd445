"""The virus scanner of the machine, where there is one."""

from __future__ import annotations

import logging
import shutil
import subprocess

from portal.core.errors import Rejected

PROGRAM = "clamdscan"
SECONDS = 60
FOUND_SOMETHING = 1

_log = logging.getLogger(__name__)


def refuse_infected(content: bytes) -> None:
    """Ask ClamAV, if it is installed; raises Rejected("file_infected").

    A scanner that gives no answer stops nobody from handing in a file: every kind is checked by its
    content as well, and a report must not wait for a service to come back.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        return
    try:
        status = subprocess.run(  # noqa: S603 - a program of this machine; the file goes to its stdin
            [program, "--no-summary", "-"],
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.warning("%s gave no answer: %s", PROGRAM, type(error).__name__)
        return
    if status == FOUND_SOMETHING:
        raise Rejected("file_infected", "file")
    if status != 0:
        _log.warning("%s gave no answer: status %s", PROGRAM, status)
