"""Files people hand in: checked by content, kept encrypted in a store outside the web root."""

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
    every,
    keep,
    none_there,
    read,
    reseal,
    seal_plain_files,
)
from portal.core.files.outage import StoreUnavailableError
from portal.core.files.stores import FolderStore, Store, store_from

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
    "FolderStore",
    "Store",
    "StoreUnavailableError",
    "StoredFile",
    "check",
    "discard",
    "every",
    "keep",
    "media_type_of",
    "none_there",
    "read",
    "reseal",
    "seal_plain_files",
    "store_from",
]
