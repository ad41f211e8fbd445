"""Which partners a reader asks to see: the parameters of the address, read forgivingly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from portal.core import i18n
from portal.insight.exports.partners import NEED_NAMES
from portal.insight.forms.boards import GROUP_SLUGS, Filter
from portal.insight.queries.partners import Need, Wanted
from portal.schools.models import District

_ = i18n.lazy


def read_wanted(
    given: Mapping[str, str],
    districts: Sequence[District],
    *,
    day: date,
    notice_days: int,
    log: bool,
) -> Wanted:
    """Return what was chosen; what no list offers narrows nothing.

    `log` says whether the reader may know how tries to reach schools went.
    """
    groups = {slug: group for group, slug in GROUP_SLUGS.items()}
    needs = {need.value: need for need in _offered(log=log)}
    slugs = {district.slug for district in districts}
    district = given.get("kecamatan", "")
    return Wanted(
        day=day,
        notice_days=notice_days,
        need=needs.get(given.get("keadaan", "")),
        district=district if district in slugs else None,
        group=groups.get(given.get("jenjang", "")),
    )


def filters(wanted: Wanted, districts: Sequence[District], *, log: bool) -> tuple[Filter, ...]:
    """Return the selects that narrow the list."""
    everything = ("", i18n.gettext("All"))
    return (
        Filter(
            "keadaan",
            _("Need"),
            (everything, *((need.value, str(NEED_NAMES[need])) for need in _offered(log=log))),
            wanted.need or "",
        ),
        Filter(
            "kecamatan",
            _("District"),
            (everything, *((each.slug, each.name) for each in districts)),
            wanted.district or "",
        ),
        Filter(
            "jenjang",
            _("Level"),
            (everything, *((slug, group) for group, slug in GROUP_SLUGS.items())),
            GROUP_SLUGS.get(wanted.group or "", ""),
        ),
    )


def _offered(*, log: bool) -> list[Need]:
    return [need for need in Need if log or need is not Need.SILENT]
