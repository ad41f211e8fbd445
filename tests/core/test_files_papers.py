"""PDFs: a scan is kept, whatever runs, hides or asks for a password is not."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pikepdf
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf, Stream
from PIL import Image

from portal.core import files
from portal.core.errors import Rejected
from portal.core.files import PDF
from portal.documents.pdf import Report, Section, Table, report_pdf
from tests.papers import pdf_bytes, pdf_with

MARK = b"PENANDA-RAHASIA-7731"
WORDS = MARK.decode()
LETTER = frozenset({PDF})

Change = Callable[[Pdf], None]


def script() -> Dictionary:
    """Return an action that runs a script."""
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def root(**entries: object) -> Change:
    """Return a change of the document's catalogue."""
    return lambda pdf: pdf.Root.update(Dictionary(**entries))


def page(**entries: object) -> Change:
    """Return a change of the first page."""
    return lambda pdf: pdf.pages[0].obj.update(Dictionary(**entries))


def annotation(**entries: object) -> Change:
    """Return a change that puts something to click on the first page."""
    marked = Dictionary(Type=Name.Annot, Rect=Array([0, 0, 9, 9]), **entries)
    return page(Annots=Array([marked]))


def attach(pdf: Pdf) -> None:
    """Attach a file."""
    pdf.attachments["data.exe"] = b"MZ"


def orphan(pdf: Pdf) -> None:
    """Leave a script in the file that nothing leads to."""
    pdf.make_indirect(script())
    pdf.Root.Kept = pdf.make_indirect(Dictionary(Deep=Array([Array([Dictionary(A=script())])])))


def chained(pdf: Pdf) -> None:
    """Turn to a page first and run something next."""
    pdf.Root.OpenAction = Dictionary(
        S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Dictionary(S=Name.URI, URI="x:")
    )


def outside(pdf: Pdf) -> None:
    """Take a stream's bytes from a file of whoever reads this."""
    pdf.Root.Kept = Stream(pdf, b"", F="/etc/passwd")


def code(content: bytes) -> str:
    """Return why a PDF is refused."""
    with pytest.raises(Rejected) as refused:
        files.check(content, LETTER)
    assert refused.value.field == "file"
    return refused.value.code


# Made anew for each document, since what belongs to one cannot go into another.
HOSTILE: dict[str, Callable[[], Change]] = {
    "script when opened": lambda: root(OpenAction=script()),
    "script by its key": lambda: root(OpenAction=Dictionary(JS="x")),
    "script by name": lambda: root(
        Names=Dictionary(JavaScript=Dictionary(Names=Array(["a", script()])))
    ),
    "script of a page": lambda: page(AA=Dictionary(O=script())),
    "script of a link": lambda: annotation(Subtype=Name.Link, A=script()),
    "script that waits": lambda: orphan,
    "address when opened": lambda: root(
        OpenAction=Dictionary(S=Name.URI, URI="https://contoh.example")
    ),
    "address of a page": lambda: page(AA=Dictionary(O=Dictionary(S=Name.URI, URI="x:"))),
    "something after a page turn": lambda: chained,
    "launch": lambda: annotation(Subtype=Name.Link, A=Dictionary(S=Name.Launch, F="calc.exe")),
    "another machine's file": lambda: annotation(
        Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F="//server/x.pdf")
    ),
    "form that sends itself": lambda: annotation(
        Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm, F="https://contoh.example")
    ),
    "attached file": lambda: attach,
    "attached to a page": lambda: annotation(Subtype=Name.FileAttachment),
    "rich media": lambda: annotation(Subtype=Name.RichMedia),
    "film": lambda: annotation(Subtype=Name.Screen, A=Dictionary(S=Name.Rendition)),
    "XFA": lambda: root(AcroForm=Dictionary(Fields=Array([]), XFA="<xdp/>")),
    "bytes from outside": lambda: outside,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("mode", [ObjectStreamMode.disable, ObjectStreamMode.generate])
def test_a_pdf_that_does_something_is_refused(name: str, mode: ObjectStreamMode) -> None:
    assert code(pdf_with(HOSTILE[name](), object_stream_mode=mode)) == "file_active"


def test_an_object_stream_really_hides_names() -> None:
    packed = pdf_with(root(OpenAction=script()), object_stream_mode=ObjectStreamMode.generate)
    assert b"JavaScript" not in packed


@pytest.mark.parametrize(
    ("plain", "hex_name"),
    [
        (b"/JavaScript", b"/J#61vaScript"),
        (b"/OpenAction", b"/#4fpenAction"),
        (b"/URI", b"/#55RI"),
    ],
)
def test_names_written_in_hexadecimal_are_read(plain: bytes, hex_name: bytes) -> None:
    action = Dictionary(S=Name.JavaScript) if plain == b"/JavaScript" else Dictionary(S=Name.URI)
    content = pdf_with(root(OpenAction=action)).replace(plain, hex_name)
    assert plain not in content
    assert code(content) == "file_active"


@pytest.mark.parametrize("password", ["", "rahasia"])
def test_a_pdf_with_a_password_is_refused(password: str) -> None:
    locked = pikepdf.Encryption(owner="pemilik", user=password)
    assert code(pdf_with(root(), encryption=locked)) == "file_active"


def test_the_number_of_pages() -> None:
    files.check(pdf_bytes(100), LETTER)
    with pytest.raises(Rejected) as refused:
        files.check(pdf_bytes(101), LETTER)
    assert (refused.value.code, refused.value.facts) == ("file_pages", {"most": 100})


def written(*bodies: bytes) -> bytes:
    """Return a PDF of these objects, the first of them the catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Root 1 0 R /Size %d >>\n" % (len(bodies) + 1)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
ONE_PAGE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << >> >>"


def tree(depth: int) -> list[bytes]:
    """Return a tree of pages that holds each branch ten times over, 10 ** depth pages in all."""
    branches = [
        b"<< /Type /Pages /Count 1 /Kids [%s] >>" % (b"%d 0 R " % (number + 1) * 10)
        for number in range(2, 2 + depth)
    ]
    return [CATALOGUE, *branches, PAGE]


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
        b"%PDF-1.7\n" + b"[" * 200_000,
        written(CATALOGUE, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
        written(CATALOGUE, b"<< /Type /Pages /Kids [] /Count 0 >>"),
        written(*tree(9)),
        written(CATALOGUE, ONE_PAGE, PAGE, b"[" + b"[1]" * 700_000 + b"]"),
    ],
    ids=["nothing", "no pages", "brackets", "circle", "empty", "endless tree", "too many values"],
)
def test_a_pdf_that_cannot_be_read_is_refused(content: bytes) -> None:
    assert code(content) == "file_unreadable"


@pytest.mark.parametrize(
    "inside",
    [
        b"<< /Self 4 0 R /Parent 1 0 R >>",
        b"[" * 400 + b"]" * 400,
        b"<< /S 3 0 R /Type [1] /Subtype << >> /OpenAction [3 0 R /Fit] /AA 7 >>",
        b"<< /S /JavaScriptish /JSomething 1 /Launch#20me (x) /A << /S /URI /URI (x:) >> >>",
        b"[3 0 R /XYZ null null 0 true 1.5 (text) <00ff> << /Nothing null >> 99 0 R]",
        b"<< /ByteRange [0 1] /Contents <00> >>",
        b"<< /ByteRange [0 99999999 999999999 9999999999] >>",
    ],
    ids=["circle", "deep", "wrong types", "similar names", "nulls", "no signature", "no span"],
)
def test_what_is_odd_but_harmless_is_kept(inside: bytes) -> None:
    kept = files.check(written(CATALOGUE[:-2] + b"/X 4 0 R >>", ONE_PAGE, PAGE, inside), LETTER)
    assert len(pikepdf.open(io.BytesIO(kept)).pages) == 1


def test_the_noise_of_a_scan_is_no_script() -> None:
    noise = pdf_with(lambda pdf: pdf.Root.update(Dictionary(X=Stream(pdf, b"\x00/JS /Launch"))))
    files.check(noise, LETTER)


def test_a_quiet_pdf_may_open_at_a_page_and_name_an_address() -> None:
    def change(pdf: Pdf) -> None:
        first = Array([pdf.pages[0].obj, Name.Fit])
        pdf.Root.OpenAction = Dictionary(S=Name.GoTo, D=first)
        link = Dictionary(S=Name.URI, URI="https://contoh.example")
        annotation(Subtype=Name.Link, A=link)(pdf)

    kept = pikepdf.open(io.BytesIO(files.check(pdf_with(change), LETTER)))
    assert str(kept.Root.OpenAction.S) == "/GoTo"
    assert kept.pages[0].Annots[0].A.URI == "https://contoh.example"


def test_what_other_programs_write_is_kept() -> None:
    section = Section("Isi", ("Teks",), table=Table(("Kolom",), (("Nilai",),)))
    report = Report("Laporan", "2026", (section,), "Dinas Sosial")
    made = report_pdf(report, "id", datetime(2026, 8, 12, 1, 30, tzinfo=UTC))
    assert len(pikepdf.open(io.BytesIO(files.check(made, LETTER))).pages) == 1


def unpacked(content: bytes) -> bytes:
    """Return a PDF as it is and with everything in it unpacked, one after the other."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(out, compress_streams=False, object_stream_mode=ObjectStreamMode.disable)
    return content + out.getvalue()


def photo() -> bytes:
    """Return a JPEG that tells more than it shows."""
    exif = Image.Exif()
    exif[0x013B] = WORDS
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "JPEG", exif=exif, comment=MARK)
    assert out.getvalue().count(MARK) == 2
    return out.getvalue()


def talkative(pdf: Pdf) -> None:
    """Say who wrote a document in all the places there are for it."""
    pdf.docinfo["/Author"] = WORDS
    pdf.Root.Metadata = Stream(pdf, b"<x:xmpmeta>" + MARK, Type=Name.Metadata, Subtype=Name.XML)
    first = pdf.pages[0].obj
    first.PieceInfo = Dictionary(Editor=Dictionary(Private=WORDS))
    first.Metadata = Stream(pdf, MARK)
    image = Stream(pdf, photo(), Type=Name.XObject, Subtype=Name.Image, Width=30, Height=20)
    image.ColorSpace, image.BitsPerComponent, image.Filter = Name.DeviceRGB, 8, Name.DCTDecode
    first.Resources = Dictionary(XObject=Dictionary(Im0=image))
    first.Contents = Stream(pdf, b"30 0 0 20 0 0 cm /Im0 Do")


def test_the_author_and_the_places_of_photos_go_and_the_page_stays() -> None:
    content = pdf_with(talkative, compress_streams=False) + b"\n% " + MARK
    assert content.count(MARK) >= 5
    kept = files.check(content, LETTER)
    assert MARK in unpacked(content)
    assert MARK not in unpacked(kept)
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        assert "/Info" not in pdf.trailer
        image = pdf.pages[0].Resources.XObject.Im0
        shown = Image.open(io.BytesIO(image.read_raw_bytes()))
        assert (shown.size, shown.getpixel((5, 5))[0] > 240) == ((30, 20), True)
        assert pdf.pages[0].Contents.read_bytes() == b"30 0 0 20 0 0 cm /Im0 Do"


def test_an_earlier_version_of_the_text_goes() -> None:
    first = pdf_with(lambda pdf: pdf.Root.update(Dictionary(Draft=WORDS)))
    later = written(CATALOGUE, ONE_PAGE, PAGE)[len(b"%PDF-1.7\n") :]
    both = first.replace(b"%%EOF", b"") + later
    assert MARK in both
    assert MARK not in unpacked(files.check(both, LETTER))


def test_written_anew_twice_is_the_same() -> None:
    once = files.check(pdf_with(talkative), LETTER)
    assert files.check(bytes(once), LETTER) == once


def signed(*, harm: bytes = b"") -> bytes:
    """Return a PDF with a digital signature over all of it but the gap that holds it."""
    signature = b"<< /Type /Sig /Contents <%s> /ByteRange [0 %010d %010d %010d] /Name (%s) >>"
    empty = signature % (b"0" * 64, 0, 0, 0, MARK)
    content = written(CATALOGUE[:-2] + b"/X 4 0 R " + harm + b" >>", ONE_PAGE, PAGE, empty)
    gap = content.index(b"<" + b"0" * 64)
    span = (gap, gap + 66, len(content) - gap - 66)
    return content.replace(empty, signature % (b"0" * 64, *span, MARK))


def test_a_signed_pdf_stays_byte_for_byte() -> None:
    content = signed()
    assert files.check(content, LETTER) == content


def test_a_signature_excuses_nothing() -> None:
    assert code(signed(harm=b"/OpenAction << /S /JavaScript /JS (x) >>")) == "file_active"
    # Read only with repairs: somebody else may read something else.
    assert code(signed().replace(b"startxref", b"startxreg")) == "file_unreadable"


def test_what_is_no_signature_any_more_is_written_anew() -> None:
    content = signed()
    moved = content.replace(b"/Contents <", b"/Contents  <", 1)
    assert files.check(moved.replace(b"/Name (", b"/Nam (", 1), LETTER) != moved


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=20),
    mode=st.sampled_from([ObjectStreamMode.disable, ObjectStreamMode.generate]),
)
def test_a_damaged_pdf_is_kept_or_refused(
    places: list[tuple[int, int]], mode: ObjectStreamMode
) -> None:
    content = bytearray(pdf_with(talkative, object_stream_mode=mode))
    for place, value in places:
        content[place % len(content)] = value
    kept = kept_or_none(bytes(content))
    if kept is not None:
        assert 1 <= len(pikepdf.open(io.BytesIO(kept)).pages) <= 100


def kept_or_none(content: bytes) -> bytes | None:
    """Return a PDF as it would be kept, None when it is refused."""
    try:
        return files.check(content, LETTER)
    except Rejected:
        return None
