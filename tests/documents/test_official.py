"""Official papers read back: who writes, to whom, what is filled in by hand, who signs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from pypdf import PdfReader

from portal.documents.pdf import Head, Official, Section, Signature, Table, official_pdf

MADE_AT = datetime(2026, 8, 12, 1, 30, tzinfo=UTC)
SCHOOL = Signature(("Mengetahui,", "Kepala SMP Contoh,"), ("Ibu Kepala, S.Pd.", "NIP 1"))
WORKER = Signature(("Pekerja sosial,",), ("Sari Contoh",))
PAPER = Official(
    head=Head("Dinas Sosial", ("Jalan Melati 12", "0725-123"), "Pemerintah Kota Contoh"),
    title="Berita acara",
    reference="Nomor: 400.9/001/Dinsos/2026",
    place_and_date="Kota Contoh, 12 Agustus 2026",
    sections=(
        Section("", ("Sesi telah dilaksanakan.",)),
        Section("", facts=(("Sekolah", "SMP Contoh"),)),
    ),
    signatures=(SCHOOL, WORKER),
)


def pages(paper: Official) -> list[str]:
    """Return what each page says, line by line."""
    reader = PdfReader(BytesIO(official_pdf(paper, "id", MADE_AT)))
    return [page.extract_text() for page in reader.pages]


def tags(paper: Official) -> list[str]:
    """Return the kinds of elements a screen reader meets, in its order."""
    with pikepdf.open(BytesIO(official_pdf(paper, "id", MADE_AT))) as pdf:
        root = pdf.Root.StructTreeRoot.K[0]
        return [str(kid.S) for kid in root.K]


def test_a_paper_has_a_title_and_both_signatures_at_one_height() -> None:
    [page] = pages(PAPER)
    words = ("Pemerintah Kota Contoh", "Dinas Sosial", "Jalan Melati 12", "Berita acara")
    places = [page.index(each) for each in (*words, PAPER.reference, "Sesi telah", "Sekolah")]
    assert places == sorted(places)
    lines = page.splitlines()
    for pair in (("Kepala SMP Contoh,", "Pekerja sosial,"), ("Ibu Kepala, S.Pd.", "Sari Contoh")):
        assert any(all(each in line for each in pair) for line in lines), pair
    # The date stands where somebody signs or is written to, not on a paper with a title.
    assert PAPER.place_and_date not in page


def test_a_letter_names_number_date_subject_and_addressee() -> None:
    letter = replace(
        PAPER, title="Hal: Jawaban", addressee=("Yth. Kepala SMP Contoh", "di Kota Contoh")
    )
    [page] = pages(letter)
    beside = next(line for line in page.splitlines() if PAPER.reference in line)
    assert PAPER.place_and_date in beside
    assert page.index("Hal: Jawaban") < page.index("Yth. Kepala") < page.index("Sesi telah")
    assert tags(letter).count("/H1") == tags(PAPER).count("/H1") == 1


@pytest.mark.parametrize("signatures", [(), (WORKER,), (SCHOOL, WORKER)])
def test_up_to_two_sign(signatures: tuple[Signature, ...]) -> None:
    [page] = pages(replace(PAPER, signatures=signatures))
    assert ("Sari Contoh" in page) == (WORKER in signatures)
    assert ("Ibu Kepala" in page) == (SCHOOL in signatures)


def test_signatures_stay_together() -> None:
    for lines in range(24, 36, 2):
        text = "\n".join(["Baris"] * lines)
        made = pages(replace(PAPER, sections=(Section("", (text,)),)))
        where = [
            [number for number, page in enumerate(made) if words in page]
            for words in ("Kepala SMP Contoh,", "Ibu Kepala", "Sari Contoh", "NIP 1")
        ]
        assert where.count(where[0]) == len(where)


def test_a_table_to_be_filled_in_repeats_its_head_and_has_room() -> None:
    rows = tuple((str(number), "", "", "") for number in range(1, 61))
    sheet = Table(("No.", "Nama", "P/L", "Tanda tangan"), rows, (1, 8, 2, 5))
    made = pages(replace(PAPER, sections=(Section("Kelas 7A", table=sheet),)))
    assert len(made) == 3
    assert all("Tanda tangan" in page for page in made[:2])
    numbers = [line.strip() for page in made for line in page.splitlines()]
    assert [each for each in numbers if each.isdigit()] == [row[0] for row in rows]


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert official_pdf(PAPER, "id", MADE_AT) == official_pdf(PAPER, "id", MADE_AT)
