"""Documents read back by other libraries say what went in, to eyes and to screen readers."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from portal.documents.pdf import Letter, Report, Section, Table, letter_pdf, report_pdf

MADE_AT = datetime(2026, 8, 12, 1, 30, tzinfo=UTC)
LETTER = Letter(
    office="Dinas Sosial Kota Contoh",
    address_lines=("Bidang Perlindungan", "Jalan Melati No. 12"),
    title="Surat Tugas",
    reference="Nomor: 400.3/0123/2026",
    place_and_date="Kota Contoh, 12 Agustus 2026",
    paragraphs=("Peserta ≥ 120 siswa, 2 × 60 menit – “Peksos Go to School” … ✓",),
    signer_lines=("Kepala Dinas,", "", "Drs. Ahmad Contoh, M.Si."),
)
TABLE = Table(("No.", "Sekolah"), tuple((str(n), f"SMP Contoh {n:03}") for n in range(1, 101)))
REPORT = Report(
    title="Laporan Semester",
    subtitle="Juli – Desember 2026",
    sections=(
        Section("Ringkasan", ("Target tercapai.",), (("Sekolah mitra", "60"),)),
        Section("Kunjungan", table=TABLE),
    ),
    footer="Dinas Sosial",
    page_label="halaman %(page)s dari %(pages)s",
)


def letter_text(letter: Letter) -> list[str]:
    """Return what each page of the letter says."""
    return pages(letter_pdf(letter, "id", MADE_AT))


def report_text(report: Report) -> list[str]:
    """Return what each page of the report says."""
    return pages(report_pdf(report, "id", MADE_AT))


def pages(raw: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(raw)).pages]


def with_paragraph(text: str) -> Letter:
    return replace(LETTER, paragraphs=(text,))


def structure(raw: bytes) -> list[str]:
    """Return the elements that screen readers meet, and check that each has its page and text."""
    with pikepdf.open(BytesIO(raw)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        found: list[str] = []
        waiting = [pdf.Root.StructTreeRoot.K[0]]
        while waiting:
            element = waiting.pop(0)
            kids = list(element.K)
            waiting = [kid for kid in kids if "/S" in kid] + waiting
            found.append(str(element.S)[1:])
            for mark in (kid for kid in kids if "/MCID" in kid):
                place = pdf.pages.index(pikepdf.Page(mark.Pg))
                owners = pdf.Root.StructTreeRoot.ParentTree.Nums[2 * place + 1]
                assert owners[int(mark.MCID)].objgen == element.objgen
        return found


def test_a_letter_says_what_it_was_given_in_this_order() -> None:
    [text] = letter_text(LETTER)
    parts = [
        LETTER.office,
        *LETTER.address_lines,
        LETTER.title,
        LETTER.reference,
        *LETTER.paragraphs,
        LETTER.place_and_date,
        *filter(None, LETTER.signer_lines),
    ]
    assert text == " ".join(parts)


def test_pages_of_a_letter_are_numbered_from_the_second_on() -> None:
    first, *others = letter_text(replace(LETTER, paragraphs=LETTER.paragraphs * 60))
    assert "1 / " not in first
    assert others
    for number, text in enumerate(others, start=2):
        assert text.endswith(f" {number} / {len(others) + 1}")
    assert "Kota Contoh, 12 Agustus 2026 Kepala Dinas, Drs. Ahmad" in others[-1]


@pytest.mark.parametrize("count", range(28, 40))
def test_a_signature_stays_together(count: int) -> None:
    texts = letter_text(replace(LETTER, paragraphs=("Isi.",) * count))
    assert sum("Kepala Dinas, Drs. Ahmad" in text for text in texts) == 1


def test_every_page_of_a_report_has_footer_number_and_table_head() -> None:
    texts = report_text(REPORT)
    assert len(texts) == 3
    for number, text in enumerate(texts, start=1):
        assert f"Dinas Sosial halaman {number} dari 3" in text
        assert text.count("No. Sekolah") == 1
    for name, value in TABLE.rows:
        assert sum(text.count(f" {name} {value} ") for text in texts) == 1


def test_title_language_and_moment_are_recorded() -> None:
    with pikepdf.open(BytesIO(report_pdf(REPORT, "id", MADE_AT))) as pdf:
        assert pdf.docinfo.Title == REPORT.title
        assert str(pdf.docinfo.CreationDate).startswith("D:20260812013000")
        assert pdf.Root.Lang == "id"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert [float(side) for side in pdf.pages[0].mediabox] == [0, 0, 595.28, 841.89]
        with pdf.open_outline() as outline:
            assert [entry.title for entry in outline.root] == ["Ringkasan", "Kunjungan"]


def test_screen_readers_find_headings_texts_and_tables() -> None:
    names = structure(report_pdf(REPORT, "id", MADE_AT))
    assert names[:9] == ["Document", "H1", "P", "H2", "P", "Table", "TR", "TH", "TD"]
    # A head that is repeated for the eye is read only once.
    assert names[9:] == ["H2", "Table", "TR", "TH", "TH", *["TR", "TD", "TD"] * 100]
    assert structure(letter_pdf(LETTER, "id", MADE_AT)) == [
        *("Document", "P", "P", "P", "H1", "P", "P", "P", "P", "P")
    ]


def test_the_same_content_gives_the_same_bytes() -> None:
    assert letter_pdf(LETTER, "id", MADE_AT) == letter_pdf(LETTER, "id", MADE_AT)
    assert report_pdf(REPORT, "id", MADE_AT) == report_pdf(REPORT, "id", MADE_AT)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{nb} **tebal** [x](https://a.id)", "{nb} **tebal** [x](https://a.id)"),
        ("学校 SMP 🙂", "?? SMP ?"),
        ("a\x00b\x1bc\u202ed\u200be\ufefff", "abcdef"),
        ("satu\tdua\u2003tiga\fempat\r\nlima", "satu dua tiga empat lima"),
        ("Cafe\u0301 x\u20d2", "Café x"),
        ("\ud800!", "?!"),
        ("(\\) %(page)s", "(\\) %(page)s"),
    ],
)
def test_text_is_shown_as_it_is_or_as_a_question_mark(text: str, shown: str) -> None:
    [page] = letter_text(with_paragraph(text))
    assert f"2026 {shown} Kota" in page


def test_text_never_becomes_a_link() -> None:
    text = "https://contoh.example www.contoh.example a@b.id"
    report = replace(REPORT, sections=(Section(text, (text,), ((text, text),)),))
    for raw in (letter_pdf(with_paragraph(text), "id", MADE_AT), report_pdf(report, "id", MADE_AT)):
        with pikepdf.open(BytesIO(raw)) as pdf:
            assert all("/Annots" not in page for page in pdf.pages)


def test_long_words_and_cells_are_wrapped_and_go_on_overleaf() -> None:
    long = "x" * 3000
    tall = " ".join(f"kata{n}" for n in range(1500))
    sections = (Section(long, (long,), ((long, tall),), Table((long, "b"), ((tall, long),))),)
    raw = report_pdf(replace(REPORT, sections=sections), "id", MADE_AT)
    text = "".join(pages(raw)).replace(" ", "")
    # Heading, paragraph, name of the fact, head of the table, cell; the footer stands between.
    assert text.count("x") == 5 * 3000
    assert text.count("kata1499") == 2
    for page in PdfReader(BytesIO(raw)).pages:
        page.extract_text(visitor_text=inside_the_page)


def inside_the_page(text: str, _user: object, place: list[float], *_others: object) -> None:
    if text.strip():
        assert 70 <= place[4] < 540
        assert 30 < place[5] < 790


@pytest.mark.parametrize(
    "table",
    [
        Table((), ()),
        Table(("a",), ()),
        Table((), (("a", "b"),)),
        Table(("a",), (("b", "c", "d"), ())),
        Table(tuple("abcdefghij" * 6), (("Penanggung jawab",) * 60,)),
        Table(("kepala " * 900, "b"), (("a", "b"),) * 40),
    ],
)
def test_odd_tables_are_printed_all_the_same(table: Table) -> None:
    texts = report_text(replace(REPORT, sections=(Section("", table=table),)))
    # Narrow columns mingle in what is read back, so letters are counted instead of words.
    wanted = Counter("".join(cell for row in (table.head, *table.rows) for cell in row))
    wanted[" "] = 0
    assert wanted <= Counter("".join(texts))


anything = st.text(st.characters(), max_size=60)
texts = st.lists(anything, max_size=3).map(tuple)


@settings(deadline=None, max_examples=20)
@given(st.builds(Letter, anything, texts, anything, anything, anything, texts, texts))
def test_every_letter_can_be_made_and_opened(letter: Letter) -> None:
    letter = replace(letter, page_label="%(page)s / %(pages)s")
    raw = letter_pdf(letter, "en", MADE_AT)
    assert PdfReader(BytesIO(raw)).pages
    assert structure(raw)[0] == "Document"


tables = st.none() | st.builds(Table, texts, st.lists(texts, max_size=3).map(tuple))
facts = st.lists(st.tuples(anything, anything), max_size=2).map(tuple)
sections = st.lists(st.builds(Section, anything, texts, facts, tables), max_size=2).map(tuple)


@settings(deadline=None, max_examples=20)
@given(st.builds(Report, anything, anything, sections, anything))
def test_every_report_can_be_made_and_opened(report: Report) -> None:
    raw = report_pdf(report, "en", MADE_AT)
    assert PdfReader(BytesIO(raw)).pages[0].extract_text().endswith("1 / 1")
    assert structure(raw)[0] == "Document"


def test_the_libraries_load_only_when_a_document_is_made() -> None:
    program = (
        "import sys, portal.documents.pdf; print({'fpdf', 'pikepdf', 'fontTools'} & {*sys.modules})"
    )
    result = subprocess.run(  # noqa: S603 - this very interpreter, a fixed program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert result.stdout.strip() == "set()"
