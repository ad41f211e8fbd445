"""PDFs: nothing in them may run, ask for a password or carry another file."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Integer, Name, Object, Pdf, Stream

from portal.core.errors import Rejected

MOST_PAGES = 100
MOST_VALUES = 1_000_000

# What opens another program, file or page, plays something or sends data away. Links to an address
# (`URI`) are common and ask before they open.
_RUNNING = {
    *("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR"),
    *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute"),
}
_ACTIVE_KEYS = {
    *("/JS", "/JavaScript", "/EmbeddedFiles", "/EmbeddedFile", "/EF", "/XFA"),
    *("/RichMediaContent", "/RichMediaSettings", "/3DD", "/Renditions"),
}
_ACTIVE_KINDS = {
    *("/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"),
}
# Who wrote a document, with what, and earlier or private copies of its parts.
_TRACES = ("/Metadata", "/PieceInfo", "/Thumb", "/SpiderInfo", "/LastModified")

# For the whole process: what a small file may swell to while it is read.
_SWOLLEN = 64 * 1024 * 1024
pikepdf.settings.set_qpdf_limits(
    doc_max_warnings=100,
    dct_max_memory=_SWOLLEN,
    flate_max_memory=_SWOLLEN,
    png_max_memory=_SWOLLEN,
    run_length_max_memory=_SWOLLEN,
    tiff_max_memory=_SWOLLEN,
)


def cleaned(content: bytes) -> bytes:
    """Return a PDF as it is kept: written anew, without its author's name and earlier versions.

    Written anew it is what was checked here, however another reader would have understood the
    original. A PDF with a digital signature stays as it is, byte for byte: writing it anew would
    void the signature, which says openly who signed and which makes the paper worth keeping.
    Raises Rejected("file_active"), Rejected("file_pages"), Rejected("file_unreadable") and whatever
    pikepdf raises over a broken file.
    """
    try:
        pdf = Pdf.open(BytesIO(content), conversion_mode="explicit")
    except pikepdf.PasswordError as error:
        raise Rejected("file_active", "file") from error
    with pdf:
        if pdf.is_encrypted:
            raise Rejected("file_active", "file")
        if len(pdf.pages) > MOST_PAGES:
            raise Rejected("file_pages", "file", most=MOST_PAGES)
        parts = list(_parts(pdf))
        if any(_is_active(part) for part in parts):
            raise Rejected("file_active", "file")
        if any(_signs(part, content) for part in parts):
            if pdf.get_warnings():
                # Read with repairs, so another reader may see something else in these bytes.
                raise Rejected("file_unreadable", "file")
            return content
        return _rewritten(pdf, parts)


def _parts(pdf: Pdf) -> Iterator[Object]:
    """Yield every dictionary and stream, whether or not anything leads to it.

    Only direct values are followed, which cannot form a circle; the others come as objects of their
    own. Names arrive decoded, and objects unpacked from the streams that hold them.
    """
    left = MOST_VALUES
    for whole in (pdf.trailer, *pdf.objects):
        waiting = [whole]
        while waiting:
            value = waiting.pop()
            if isinstance(value, Dictionary | Stream):
                yield value
                inside = [inner for _key, inner in value.items()]
            elif isinstance(value, Array):
                inside = list(value)
            else:
                continue
            left -= len(inside) + 1
            if left < 0:
                raise Rejected("file_unreadable", "file")
            # A null comes as None.
            waiting.extend(inner for inner in inside if inner is not None and not inner.is_indirect)


def _is_active(part: Object) -> bool:
    keys = set(part.keys())
    return bool(
        keys & _ACTIVE_KEYS
        or _name(part, "/S") in _RUNNING
        or {_name(part, "/Type"), _name(part, "/Subtype")} & _ACTIVE_KINDS
        # A stream whose bytes lie in a file of the reader's machine.
        or (isinstance(part, Stream) and "/F" in keys)
        or _runs_by_itself(part.get("/OpenAction"))
        or any(_runs_by_itself(action) for action in _events(part.get("/AA")))
    )


def _name(part: Object, key: str) -> str | None:
    value = part.get(key)
    return str(value) if isinstance(value, Name) else None


def _events(actions: Object | None) -> list[Object]:
    return [value for _key, value in actions.items()] if isinstance(actions, Dictionary) else []


def _runs_by_itself(action: Object | None) -> bool:
    """Say whether something that happens unasked does more than turn to a page."""
    if not isinstance(action, Dictionary | Stream):
        return False
    return _name(action, "/S") != "/GoTo" or "/Next" in action


def _signs(part: Object, content: bytes) -> bool:
    """Say whether this is a signature over these bytes: all but the gap that holds it."""
    span = part.get("/ByteRange")
    if not isinstance(span, Array) or len(span) != 4:
        return False
    if not all(isinstance(number, Integer) for number in span):
        return False
    start, length, after, rest = (int(number) for number in span)
    return (
        start == 0
        and 0 < length < after
        and 0 <= rest <= len(content) - after
        and content[length : length + 1] == b"<"
        and content[after - 1 : after] == b">"
    )


def _rewritten(pdf: Pdf, parts: list[Object]) -> bytes:
    for part in parts:
        for key in _TRACES:
            if key in part:
                del part[key]
        if isinstance(part, Stream) and _name(part, "/Filter") == "/DCTDecode":
            # Apps that make a PDF of photos leave in them where each was taken.
            bare = _bare_jpeg(part.read_raw_bytes())
            parms = part.get("/DecodeParms")
            part.write(
                bare,
                filter=Name.DCTDecode,
                decode_parms=parms if isinstance(parms, Dictionary) else None,
            )
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    out = BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        # Packed data stay packed: unpacking is where small files grow without end.
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    with Pdf.open(out) as again:
        # Of a damaged file qpdf may understand too little to write it.
        if len(again.pages) != len(pdf.pages):
            raise Rejected("file_unreadable", "file")
    return out.getvalue()


def _bare_jpeg(content: bytes) -> bytes:
    """Return a JPEG with the same pixels, without EXIF and comments; odd ones as they are.

    The segments JFIF (E0) and Adobe (EE) stay, because they say how the colours are meant.
    """
    kept, at = bytearray(content[:2]), 2
    while content[at : at + 1] == b"\xff" and at + 4 <= len(content):
        marker = content[at + 1]
        if marker == 0xDA:
            return bytes(kept) + content[at:]
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if marker in {0xE0, 0xEE} or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept += content[at:end]
        at = end
    return content
