"""The unit of work everything is measured by: a plain page with a table of thirty rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from flask import Flask, render_template
from jinja2 import DictLoader

ROWS = [(number, f"Baris {number}", f"Keterangan baris {number}") for number in range(30)]
PAGE = """<!doctype html><html lang="id"><title>Satuan</title><body><h1>Satuan</h1><table>
{% for number, name, text in rows %}<tr><th>{{ number }}</th><td>{{ name }}</td><td>{{ text }}</td>
<td><a href="/{{ number }}">{{ name }}</a></td></tr>{% endfor %}</table></body></html>"""


def unit_page() -> Callable[[], object]:
    """Return what fetches the plain page once."""
    app = Flask("unit")
    app.jinja_loader = DictLoader({"page.html": PAGE})
    app.add_url_rule("/", view_func=lambda: render_template("page.html", rows=ROWS))
    client = app.test_client()
    return lambda: client.get("/").data


def measured(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Return the median CPU and wall seconds of each call, all taken in turns."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _round in range(rounds):
        for name, call in calls.items():
            cpu, wall = time.process_time(), time.perf_counter()
            call()
            spent[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    return {
        name: (median(cpu for cpu, _wall in all_), median(wall for _cpu, wall in all_))
        for name, all_ in spent.items()
    }
