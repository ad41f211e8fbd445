"""Tables, and how wide their columns become."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.documents.pdf.layout import COLUMN_GAP, Align, Block, Document
from portal.documents.pdf.page import BODY_WIDTH, LEFT
from portal.documents.pdf.styles import BLACK, CELL, HEAD, PALE, ROOMY, Style

# Millimetres.
MOST_EXTRA_GAP = 12.0

NUMBER = re.compile(r"((Rp\s?)?[-–\u2212+]?\d[\d.,]*(\s?%)?|[-–]?)")


@dataclass(frozen=True)
class Table:
    """Columns of figures or short texts; a column of nothing but numbers is set to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    # How the width is divided where people write by hand, on higher rows; else by what stands
    # in the columns.
    shares: tuple[int, ...] = ()


def place_table(document: Document, table: Table) -> None:
    """Place the table below what stands on the page, going on overleaf below its head."""
    count = max(map(len, (table.head, *table.rows)))
    rows = [[*row, *[""] * (count - len(row))] for row in (table.head, *table.rows)]
    if not count:
        return
    columns = _shared(table.shares) if table.shares else _columns(document, rows)
    cell_style = ROOMY if table.shares else CELL
    node = document.root.add("Table")

    def blocks(cells: list[str], style: Style, tag: str, scope: str = "") -> list[Block]:
        row = node.add("TR")
        return [
            Block(document.wrap(cell, style, width), x, width, style, row.add(tag, scope), align)
            for cell, (x, width, align) in zip(cells, columns, strict=True)
        ]

    head = blocks(rows[0], HEAD, "TH", "Column") if any(table.head) else []
    if head:
        document.keep(HEAD.line * (max(len(block.lines) for block in head) + 3))
        document.row(head)
        document.below_row(0.3, BLACK)
    for cells in rows[1:]:
        document.row(blocks(cells, cell_style, "TD"), head)
        document.below_row(0.15, PALE)


def _shared(shares: tuple[int, ...]) -> list[tuple[float, float, Align]]:
    """Return place, width and alignment of columns whose shares of the width are given."""
    whole = BODY_WIDTH - COLUMN_GAP * (len(shares) - 1)
    columns: list[tuple[float, float, Align]] = []
    x = LEFT
    for share in shares:
        width = whole * share / sum(shares)
        columns.append((x, width, "left"))
        x += width + COLUMN_GAP
    return columns


def _columns(document: Document, rows: list[list[str]]) -> list[tuple[float, float, Align]]:
    """Return place, width and alignment of each column, by what stands in it."""
    gap = min(COLUMN_GAP, BODY_WIDTH / len(rows[0]) / 4)
    whole = BODY_WIDTH - gap * (len(rows[0]) - 1)
    sizes = [[document.widths(cell, HEAD) for cell in column] for column in zip(*rows, strict=True)]
    widths = _shares(
        [max(text for text, _ in column) for column in sizes],
        [max(word for _, word in column) for column in sizes],
        whole,
    )
    gap += min(MOST_EXTRA_GAP, max(0.0, whole - sum(widths)) / len(widths))
    columns: list[tuple[float, float, Align]] = []
    x = LEFT
    for number, width in enumerate(widths):
        cells = [row[number].strip() for row in rows[1:]]
        numbers = any(cells) and all(map(NUMBER.fullmatch, cells))
        columns.append((x, width, "right" if numbers else "left"))
        x += width + gap
    return columns


def _shares(wished: list[float], words: list[float], whole: float) -> list[float]:
    """Divide the width so that words stay whole and long texts do not starve short ones."""
    # A hair more, or rounding would break what fits exactly.
    wished = [wish + 0.01 for wish in wished]
    words = [word + 0.01 for word in words]
    widths = words if sum(words) <= whole else [min(wish, whole / len(words)) for wish in wished]
    rest = whole - sum(widths)
    hungry = sorted(range(len(widths)), key=lambda column: wished[column] - widths[column])
    for served, column in enumerate(hungry):
        more = min(wished[column] - widths[column], rest / (len(hungry) - served))
        widths[column] += more
        rest -= more
    return widths
