"""The portal for WSGI servers as in wsgi.py, with one more page that takes its time."""

from __future__ import annotations

import os
import time

from flask.typing import ResponseReturnValue

from portal import create_app
from portal.web.guard import public

app = create_app()


@app.get("/uji/lambat/<int:tenths>")
@public
def take_time(tenths: int) -> ResponseReturnValue:
    """Answer after so many tenths of a second, with the number of the process."""
    time.sleep(tenths / 10)
    return str(os.getpid())
