"""Pictures: drawn anew, so that nothing but what the eye sees is kept."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from portal.core.errors import Rejected
from portal.core.files.checks import JPEG, LONGEST_SIDE, PNG, WEBP

MOST_PIXELS = 40_000_000
QUALITY = 85
FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}


def redrawn(content: bytes, media_type: str) -> tuple[str, bytes]:
    """Return a picture as it is kept: upright, not too large, without EXIF, comments and the like.

    The answer is a JPEG, or a WebP where something is transparent. Of a moving picture the first
    frame stays. Raises Rejected("file_pixels") and whatever Pillow raises over a broken file.
    """
    with _opened(content, media_type) as image:
        return _encoded(_canvas(_upright(_shrunk(image))))


def points_of(content: bytes, media_type: str) -> int:
    """Return how many points a picture has; raises as `redrawn` does."""
    with _opened(content, media_type) as image:
        return image.width * image.height


def _opened(content: bytes, media_type: str) -> Image.Image:
    """Read the header of a picture, and nothing else."""
    try:
        image = Image.open(BytesIO(content), formats=[FORMATS[media_type]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise _too_many_pixels()
    return image


def _too_many_pixels() -> Rejected:
    return Rejected("file_pixels", "file", most=MOST_PIXELS // 1_000_000)


def _shrunk(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Grey with 16 bits; converting alone would turn all but the darkest into white.
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode in {"P", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        # Cameras write odd EXIF. It goes anyway, and a broken picture fails on the canvas.
        return image


def _canvas(image: Image.Image) -> Image.Image:
    """Copy the pixels alone: what hangs on a converted image follows it into the next file."""
    mode = "RGBA" if _is_transparent(image) else "RGB"
    canvas = Image.new(mode, image.size)
    canvas.paste(image.convert(mode))
    return canvas


def _is_transparent(image: Image.Image) -> bool:
    if not image.has_transparency_data:
        return False
    lowest, _highest = image.convert("RGBA").getchannel("A").getextrema()
    return lowest != 255


def _encoded(canvas: Image.Image) -> tuple[str, bytes]:
    out = BytesIO()
    if canvas.mode == "RGBA":
        canvas.save(out, "WEBP", quality=QUALITY)
        return WEBP, out.getvalue()
    canvas.save(out, "JPEG", quality=QUALITY, optimize=True)
    return JPEG, out.getvalue()
