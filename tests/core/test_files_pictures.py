"""Pictures: what the eye sees is kept, what the camera wrote is not."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin
from sqlalchemy.orm import Session

from portal.core import files
from portal.core.errors import Rejected
from portal.core.files import IMAGES, JPEG, PNG, WEBP, FolderStore

MARK = b"PENANDA-RAHASIA-7731"
WORDS = MARK.decode()
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + MARK + b"</x:xmpmeta>"
FORMATS = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP}


def exif(*, orientation: int = 1) -> bytes:
    """Return EXIF with a place, a device and a comment."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = WORDS
    data[0x013B] = WORDS
    data.get_ifd(0x8769)[0x9286] = MARK
    data.get_ifd(0x8825).update({1: "S", 2: (5.0, 6.0, 48.0), 29: WORDS})
    return data.tobytes()


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Return a picture with a red left half."""
    image = Image.new(mode, size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="red")
    return image


def encoded(image: Image.Image, kind: str, **saving: object) -> bytes:
    """Return the bytes of a picture."""
    out = io.BytesIO()
    image.save(out, kind, **saving)
    return out.getvalue()


def with_everything(kind: str, image: Image.Image, *, orientation: int = 1) -> bytes:
    """Return a picture that carries the mark wherever its format has room for it."""
    saving: dict[str, object] = {"exif": exif(orientation=orientation), "icc_profile": MARK}
    if kind == "JPEG":
        saving |= {"comment": MARK, "xmp": XMP}
    elif kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Author", WORDS)
        notes.add_text("Comment", WORDS, zip=True)
        notes.add_itxt("XML:com.adobe.xmp", XMP.decode(), lang="id", tkey=WORDS)
        saving["pnginfo"] = notes
    else:
        saving["xmp"] = XMP
    return encoded(image, kind, **saving) + b"\n" + MARK


def redrawn(content: bytes) -> Image.Image:
    """Return a picture as it would be kept."""
    checked = files.check(content, IMAGES)
    image = Image.open(io.BytesIO(checked))
    assert FORMATS[image.format or ""] == checked.media_type
    return image


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(sorted(FORMATS)),
    mode=st.sampled_from(["RGB", "RGBA", "L", "P"]),
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    orientation=st.integers(0, 9),
)
def test_nothing_but_the_picture_is_kept(
    shared_session: Session,
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    mode: str,
    size: tuple[int, int],
    orientation: int,
) -> None:
    store = FolderStore(tmp_path_factory.mktemp("pictures"))
    image = Image.new("RGBA", size, (200, 30, 30, 90)).convert("RGB" if kind == "JPEG" else mode)
    content = with_everything(kind, image, orientation=orientation)
    assert content.count(MARK) >= 2
    record = files.keep(shared_session, store, f"foto.{kind}", content, IMAGES)
    kept = files.read(store, record)
    opened = Image.open(io.BytesIO(kept))
    opened.load()
    assert MARK not in kept
    assert len(opened.getexif()) == 0
    assert set(opened.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "background",
    } | {
        "loop",
        "duration",
        "timestamp",
    }
    assert (record.size, record.media_type) == (len(kept), FORMATS[opened.format or ""])
    for path in store.folder.rglob("*"):
        if path.is_file():
            blob = path.read_bytes()
            assert MARK not in blob
            assert kept not in blob
            assert content[:64] not in blob


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_a_photo_is_turned_the_way_it_was_taken(kind: str) -> None:
    image = redrawn(with_everything(kind, picture(), orientation=6))
    assert image.size == (40, 60)
    red, _green, blue = image.convert("RGB").getpixel((20, 10))
    assert red > 200
    assert blue < 60
    assert min(image.convert("RGB").getpixel((20, 50))) > 200


def test_a_large_photo_is_made_smaller() -> None:
    assert redrawn(encoded(picture(size=(4800, 1200)), "JPEG")).size == (2400, 600)
    assert redrawn(encoded(picture(size=(300, 6000)), "PNG")).size == (120, 2400)
    assert redrawn(encoded(picture(size=(2400, 10)), "WEBP")).size == (2400, 10)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparency_stays_where_there_is_some(kind: str) -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 255, 255))
    assert redrawn(encoded(image, kind)).format == "JPEG"
    image.putpixel((3, 3), (0, 0, 0, 0))
    image = redrawn(encoded(image, kind, lossless=True))
    assert image.format == "WEBP"
    assert image.getpixel((3, 3))[3] < 40
    assert image.getpixel((15, 15))[3] == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_can_be_read(mode: str) -> None:
    redrawn(encoded(Image.new(mode, (8, 8)), "PNG")).load()


def test_a_transparent_palette_and_a_grey_scan_of_16_bits_keep_their_look() -> None:
    palette = picture().convert("P")
    palette.info["transparency"] = 0
    assert redrawn(encoded(palette, "PNG", transparency=palette.getpixel((0, 0)))).mode == "RGBA"
    grey = Image.new("I;16", (8, 8), 32768)
    assert redrawn(encoded(grey, "PNG")).getpixel((4, 4)) == (128, 128, 128)


def test_a_photo_for_print_becomes_one_for_screens() -> None:
    assert redrawn(encoded(Image.new("CMYK", (8, 8)), "JPEG")).mode == "RGB"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_a_moving_picture_the_first_frame_stays(kind: str) -> None:
    first, second = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    moving = encoded(first, kind, save_all=True, append_images=[second], duration=100)
    image = redrawn(moving)
    assert getattr(image, "n_frames", 1) == 1
    red, _green, blue = image.convert("RGB").getpixel((10, 10))
    assert (red > 200, blue < 60) == (True, True)


def refusal(content: bytes) -> str:
    """Return why a picture is refused."""
    with pytest.raises(Rejected) as refused:
        files.check(content, IMAGES)
    assert refused.value.field == "file"
    return refused.value.code


def png_claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims any size."""
    content = encoded(picture(), "PNG")
    header = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


@pytest.mark.parametrize(
    ("width", "height"), [(8000, 5001), (10_000, 9_500), (20_000, 20_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_picture_with_too_many_pixels_is_refused_by_its_header(width: int, height: int) -> None:
    assert refusal(png_claiming(width, height)) == "file_pixels"


def test_the_most_pixels_that_are_read() -> None:
    assert redrawn(encoded(Image.new("1", (8000, 5000)), "PNG")).size == (2400, 1500)


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_a_truncated_picture_is_refused(kind: str) -> None:
    content = encoded(Image.effect_noise((200, 200), 80).convert("RGB"), kind)
    assert refusal(content[: len(content) // 2]) == "file_unreadable"
    assert refusal(content[:14]) == "file_unreadable"


def test_a_picture_that_claims_another_kind_is_refused() -> None:
    png = encoded(picture(), "PNG")
    assert refusal(b"\xff\xd8\xff" + png) == "file_unreadable"
    assert refusal(encoded(picture(), "GIF")) == "file_kind"
    assert refusal(encoded(picture(), "BMP")) == "file_kind"
    assert refusal(encoded(picture(), "TIFF")) == "file_kind"


# Where nobody makes errors of them, Pillow goes on after these warnings.
@pytest.mark.filterwarnings("ignore:Tag data larger than file", "ignore:Corrupt EXIF data")
def test_odd_exif_is_no_reason_to_refuse_a_photo() -> None:
    odd = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01\x03\x00\xff\xff\xff\xff" + MARK
    image = redrawn(encoded(picture(), "JPEG", exif=odd))
    assert image.size == (60, 40)


def kept_or_code(content: bytes) -> bytes | str:
    """Return a picture as it would be kept, or why it is refused."""
    try:
        return files.check(content, IMAGES)
    except Rejected as problem:
        return problem.code


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(sorted(FORMATS)),
    places=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 10_000),
)
def test_a_damaged_picture_is_kept_or_refused(
    kind: str, places: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(with_everything(kind, picture()))
    for place, value in places:
        content[place % len(content)] = value
    kept = kept_or_code(bytes(content[: max(20, len(content) - cut % 200)]))
    if isinstance(kept, str):
        assert kept in {"file_unreadable", "file_pixels", "file_kind"}
    else:
        assert MARK not in kept


def test_pictures_of_no_allowed_kind(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        files.check(encoded(picture(), "PNG"), frozenset({files.PDF}))
    assert (refused.value.code, refused.value.facts) == ("file_kind", {"kinds": "PDF"})
    with pytest.raises(Rejected) as refused:
        files.check(b"\x00", IMAGES | {files.PDF})
    assert refused.value.facts == {"kinds": "JPEG, PDF, PNG, WebP"}
    assert list(tmp_path.iterdir()) == []
