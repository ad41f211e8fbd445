"""The words of school lists: headers, levels, ownerships, authorities, and how they are spelled."""

from __future__ import annotations

import re

from portal.schools.models import Authority, Level, Ownership

# Our fields, each with the headers people use for it, without case, blanks and signs.
HEADERS: dict[str, tuple[str, ...]] = {
    "npsn": ("npsn",),
    "name": ("name", "nama", "namasekolah", "namasatuanpendidikan", "sekolah"),
    "former_name": ("name2019", "nama2019", "formername", "namalama", "namalain", "alias"),
    "level": ("jenjang", "level", "bentuk", "bentukpendidikan", "bp"),
    "ownership": ("status", "statussekolah", "ownership", "kepemilikan"),
    "authority": ("authority", "otoritas", "kewenangan", "naungan"),
    "district": ("kecamatan", "namakecamatan", "district"),
    "subdistrict": ("kelurahan", "namakelurahan", "desa", "desakelurahan", "subdistrict"),
    "address": ("address", "alamat", "alamatsekolah", "alamatjalan"),
    "latitude": ("lat", "latitude", "lintang"),
    "longitude": ("lon", "lng", "long", "longitude", "bujur"),
    "source": ("source", "sumber"),
    "flags": ("flags", "penanda"),
}
FIELD_OF_HEADER = {header: name for name, headers in HEADERS.items() for header in headers}
# The headers we name to people; any other accepted header does as well.
TITLES = {
    "npsn": "npsn",
    "name": "nama",
    "former_name": "nama lama",
    "level": "jenjang",
    "ownership": "status",
    "authority": "otoritas",
    "district": "kecamatan",
    "subdistrict": "kelurahan",
    "address": "alamat",
    "latitude": "lintang",
    "longitude": "bujur",
    "source": "sumber",
    "flags": "penanda",
}
REQUIRED = ("npsn", "name", "level", "district")

LEVELS: dict[str, Level] = {
    **{level.value.lower(): level for level in Level},
    "lainnya": Level.OTHER,
    "lain": Level.OTHER,
}
OWNERSHIPS: dict[str, Ownership] = {
    "negeri": Ownership.PUBLIC,
    "n": Ownership.PUBLIC,
    "public": Ownership.PUBLIC,
    "swasta": Ownership.PRIVATE,
    "s": Ownership.PRIVATE,
    "private": Ownership.PRIVATE,
}
AUTHORITIES: dict[str, Authority] = {
    "kota": Authority.CITY,
    "dinaspendidikankota": Authority.CITY,
    "provinsi": Authority.PROVINCE,
    "dinaspendidikanprovinsi": Authority.PROVINCE,
    "kemenag": Authority.RELIGIOUS_AFFAIRS,
    "kementerianagama": Authority.RELIGIOUS_AFFAIRS,
}
AUTHORITY_OF_LEVEL: dict[Level, Authority] = {
    Level.TK: Authority.CITY,
    Level.SD: Authority.CITY,
    Level.SMP: Authority.CITY,
    Level.SMA: Authority.PROVINCE,
    Level.SMK: Authority.PROVINCE,
    Level.SLB: Authority.PROVINCE,
    Level.MI: Authority.RELIGIOUS_AFFAIRS,
    Level.MTS: Authority.RELIGIOUS_AFFAIRS,
    Level.MA: Authority.RELIGIOUS_AFFAIRS,
}
PUBLIC_NAME = re.compile(r"\b(NEGERI|N|(TK|SD|SMP|SMA|SMK|SLB|MI|MTS|MA)N)\b", re.IGNORECASE)


def fold(text: str) -> str:
    """Return a text without case, blanks and signs: what spelling variants have in common."""
    return "".join(char for char in text.casefold() if char.isalnum())
