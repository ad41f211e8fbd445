"""What stands about the delivery on a session's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.core import clock, duties, i18n
from portal.core.access import Permission
from portal.visits.actions import about
from portal.visits.actions.costs import COSTS_MONEY
from portal.visits.actions.delivering import can_be_corrected
from portal.visits.forms.delivering import (
    MISSED_NAMES,
    ConfirmForm,
    DeliveryForm,
    DoubtForm,
    MissForm,
)
from portal.visits.forms.names import METHOD_NAMES
from portal.visits.models import Method, Visit
from portal.visits.policy import delivery as policy
from portal.visits.queries import delivery, feedback
from portal.visits.queries.delivery import Heads, Rows
from portal.visits.queries.visits import VisitFile
from portal.visits.routes.recording import new_form, titles_on
from portal.visits.states import NotDelivered, VisitState
from portal.web.database import reader
from portal.web.forms import PortalForm
from portal.web.guard import actor


@dataclass(frozen=True)
class Recording:
    """The forms of whoever writes down what became of a session."""

    form: DeliveryForm
    # Of the materials on the form, by slug.
    titles: dict[str, str]
    miss_form: MissForm


@dataclass(frozen=True)
class Record:
    """What was written down of a delivered session."""

    # What the way it was held is called.
    method: Any
    heads: Sequence[Heads]
    materials: Rows
    unmet: Sequence[str]
    may_correct: bool


@dataclass(frozen=True)
class SchoolsWord:
    """What the school says of the record, with the forms of whoever is to answer next."""

    doubted: bool
    confirm_form: ConfirmForm | None
    doubt_form: DoubtForm | None
    settle_form: PortalForm | None


@dataclass(frozen=True)
class After:
    """What else remains of a session, in figures; None where there is no page of it to read."""

    sheets: int | None
    photos: int | None
    costs: int | None

    @property
    def anything(self) -> bool:
        """Say whether there is a page to read."""
        return (self.sheets, self.photos, self.costs) != (None, None, None)


@dataclass(frozen=True)
class Part:
    """All of it; None where there is none yet, or it is not its reader's."""

    started: bool
    recording: Recording | None
    record: Record | None
    word: SchoolsWord | None
    missed: Any
    after: After | None


def part(found: VisitFile) -> Part | None:
    """Return what stands on the page of a visit that is settled, took place or fell through.

    Of one called off before only what was kept meanwhile.
    """
    visit, after = found.visit, _after(found.visit)
    happens = visit.state in {*policy.TAKES_PLACE, VisitState.NOT_DELIVERED}
    if not happens and not after.anything:
        return None
    started = visit.starts_at <= clock.now()
    delivered = visit.state == VisitState.DELIVERED
    why = visit.not_delivered_why
    return Part(
        started,
        _recording(found) if started and visit.can(actor(), "deliver") else None,
        _record(visit) if delivered else None,
        _schools_word(visit) if delivered else None,
        MISSED_NAMES[NotDelivered(why)] if why else None,
        after,
    )


def _recording(found: VisitFile) -> Recording:
    form = new_form(found)
    return Recording(form, titles_on(form, found.visit), MissForm(formdata=None))


def _record(visit: Visit) -> Record:
    named = delivery.needs_named(reader(), visit.unmet)
    return Record(
        METHOD_NAMES[Method(visit.method or "")],
        delivery.heads_of(reader(), visit),
        delivery.handed_over(reader(), visit.id),
        [need.name(i18n.language()) for need in named],
        policy.may_record(actor(), visit) and can_be_corrected(reader(), visit),
    )


def _schools_word(visit: Visit) -> SchoolsWord:
    doubted = policy.is_doubted(visit)
    asked = policy.may_confirm(actor(), visit)
    to_settle = (
        doubted
        and actor().may(Permission.VISIT_APPROVE)
        and duties.is_open(reader(), visit.id, about.CHECK_DELIVERY)
    )
    return SchoolsWord(
        doubted,
        ConfirmForm(formdata=None) if asked and visit.school_confirmed_at is None else None,
        DoubtForm(formdata=None) if asked else None,
        PortalForm(formdata=None) if to_settle else None,
    )


def _after(visit: Visit) -> After:
    takes_place = visit.state in policy.TAKES_PLACE
    sees_costs = visit.state in COSTS_MONEY and policy.may_see_costs(actor(), visit)
    photos = delivery.photo_count(reader(), visit.id)
    return After(
        feedback.sheets_of(reader(), visit.id) if takes_place else None,
        photos if takes_place or photos else None,
        delivery.cost_sum(reader(), visit.id) if sees_costs else None,
    )
