"""Reading tables: lines keep their numbers, and a file that cannot be read says what to do."""

from __future__ import annotations

import io
import zipfile

import pytest

from portal.core.errors import Rejected
from portal.schools.actions import tables
from portal.schools.actions.tables import Line, read_lines
from tests.schools.lists import csv_bytes, school, xlsx_bytes


def texts(lines: list[Line]) -> list[list[str]]:
    """Return only what the cells say."""
    return [[cell.text for cell in line.cells] for line in lines]


def code_of(content: bytes) -> str:
    """Return the reason for which a file is refused."""
    with pytest.raises(Rejected) as refused:
        read_lines(content)
    assert refused.value.field == "file"
    return refused.value.code


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_in_every_common_form(delimiter: str, mark: bytes, line_end: str) -> None:
    text = line_end.join([f"npsn{delimiter}nama", f"97000001{delimiter}SD Satu", ""])
    lines = read_lines(mark + text.encode())
    assert texts(lines) == [["npsn", "nama"], ["97000001", "SD Satu"]]
    assert [line.number for line in lines] == [1, 2]


def test_line_numbers_count_blank_lines_and_line_breaks_inside_quotes() -> None:
    content = b'\nnpsn,nama\n\n1,"SD\nDua"\n,\n2,SD Tiga\n'
    lines = read_lines(content)
    assert [line.number for line in lines] == [2, 4, 7]
    assert texts(lines)[1] == ["1", "SD Dua"]


def test_delimiters_inside_quotes_belong_to_the_text() -> None:
    lines = read_lines(b'npsn;alamat\n1;"Jalan A; No. 1"\n')
    assert texts(lines)[1] == ["1", "Jalan A; No. 1"]


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf", b",,\n,,\n"])
def test_empty_files(content: bytes) -> None:
    assert code_of(content) == "file_empty"


def test_letters_of_another_encoding() -> None:
    assert code_of("npsn,nama\n1,SD Café\n".encode("latin-1")) == "file_not_utf8"


@pytest.mark.parametrize(
    "content",
    [
        "npsn,nama\n1,SD\n".encode("utf-16"),
        b"npsn,nama\n1,S\x00D\n",
        b"npsn,nama\n" + b"1,SD\n" * 2000 + b"\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100,
        b"%PDF-1.7\n",
    ],
)
def test_what_is_no_table(content: bytes) -> None:
    assert code_of(content) == "file_not_table"


def test_an_open_quotation_mark_swallows_nothing() -> None:
    content = b'npsn,nama\n1,SD Satu\n2,"SD Dua\n3,SD Tiga\n'
    with pytest.raises(Rejected) as refused:
        read_lines(content)
    assert refused.value.code == "file_quotes"
    assert refused.value.facts == {"line": 3}


def test_size_limits() -> None:
    assert code_of(b"a" * (10 * 1024 * 1024 + 1)) == "file_too_large"
    header, line = b"npsn,nama\n", b"1,SD\n"
    assert len(read_lines(header + line * tables.MOST_LINES)) == tables.MOST_LINES + 1
    assert code_of(header + line * (tables.MOST_LINES + 1)) == "file_too_long"


def test_workbook_cells_become_text_numbers_and_formulas() -> None:
    content = xlsx_bytes(
        [
            ["npsn", "nama", "lintang", "catatan", "x"],
            [10648371, "  SD \n Satu ", -5.25, None, True],
            [7000001.0, "=1+1", 5, "'=x", None],
        ]
    )
    lines = read_lines(content)
    assert [(cell.text, cell.kind) for cell in lines[1].cells[:5]] == [
        ("10648371", "number"),
        ("SD Satu", "text"),
        ("-5.25", "number"),
        ("", "text"),
        ("TRUE", "text"),
    ]
    assert [(cell.text, cell.kind) for cell in lines[2].cells[:2]] == [
        ("7000001", "number"),
        ("=1+1", "formula"),
    ]


def test_workbook_rows_keep_their_numbers() -> None:
    content = xlsx_bytes([["npsn"], [], [], ["97000001"], [None], ["97000002"]])
    assert [line.number for line in read_lines(content)] == [1, 4, 6]


def test_a_workbook_that_claims_a_million_rows_is_read_quickly() -> None:
    cell = '<row r="{0}"><c r="A{0}" t="str"><v>x</v></c></row>'
    sheet = cell.format(1) + cell.format(1048576)
    lines = read_lines(_with_sheet(sheet))
    assert [line.number for line in lines] == [1, 1_048_576]
    beyond = cell.format(1) + cell.format(99999999999)
    assert [line.number for line in read_lines(_with_sheet(beyond))] == [1]


def _with_sheet(rows: str, head: str = "") -> bytes:
    """Return a workbook whose sheet is made of this XML."""
    plain = zipfile.ZipFile(io.BytesIO(xlsx_bytes([["x"]])))
    content = io.BytesIO()
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in plain.namelist():
            body = plain.read(member)
            if member == "xl/worksheets/sheet1.xml":
                text = f'{head}<worksheet xmlns="{name}"><sheetData>{rows}</sheetData></worksheet>'
                body = text.encode()
            packed.writestr(member, body)
    return content.getvalue()


def test_entities_that_multiply_are_refused() -> None:
    levels = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 9))
    head = f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{levels}]>'
    row = '<row r="1"><c r="A1" t="str"><v>&l8;</v></c></row>'
    assert code_of(_with_sheet(row, head)) == "file_damaged"


def test_a_zip_bomb_is_never_unpacked() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (tables.MOST_UNPACKED_BYTES + 1))
    assert len(content.getvalue()) < 100_000
    assert code_of(content.getvalue()) == "file_too_large_unpacked"


def test_a_zip_of_many_small_files() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for number in range(tables.MOST_PACKED_FILES + 1):
            packed.writestr(f"{number}.xml", b"")
    assert code_of(content.getvalue()) == "file_too_large_unpacked"


@pytest.mark.parametrize("cut", [4, 30, 200, -30, -1])
def test_damaged_workbooks(cut: int) -> None:
    whole = xlsx_bytes([["npsn"], ["1"]])
    assert code_of(whole[:cut]) == "file_damaged"


def test_a_zip_that_is_no_workbook() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("readme.txt", b"hello")
    assert code_of(content.getvalue()) == "file_damaged"


def test_csv_and_workbook_of_the_same_list_say_the_same() -> None:
    schools = [school(1), school(2)]
    rows = [list(schools[0]), *(list(each.values()) for each in schools)]
    written = texts(read_lines(xlsx_bytes(rows)))
    assert [line[: len(rows[0])] for line in written] == texts(read_lines(csv_bytes(schools)))
