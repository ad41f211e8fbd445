"""Files people hand in: checked by content, kept encrypted outside the web root."""

from portal.core.files.checks import (
    CSV,
    IMAGES,
    JPEG,
    KIND_NAMES,
    MOST_BYTES,
    PDF,
    PNG,
    WEBP,
    XLSX,
    Checked,
    check,
    media_type_of,
)
from portal.core.files.kept import (
    NAME_LENGTH,
    StoredFile,
    discard,
    path_of,
    read,
    reseal,
    seal_plain_files,
    store,
)

__all__ = [
    "CSV",
    "IMAGES",
    "JPEG",
    "KIND_NAMES",
    "MOST_BYTES",
    "NAME_LENGTH",
    "PDF",
    "PNG",
    "WEBP",
    "XLSX",
    "Checked",
    "StoredFile",
    "check",
    "discard",
    "media_type_of",
    "path_of",
    "read",
    "reseal",
    "seal_plain_files",
    "store",
]
