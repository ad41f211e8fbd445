"""Changing a scheduled session, and answering the other side's change."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.core import i18n
from portal.schools.models import School
from portal.visits.actions.answering import Answer
from portal.visits.actions.changing import Wanted
from portal.visits.forms.booking import MOST_HEADS
from portal.visits.forms.offers import (
    BEST,
    HEADS_WANTED,
    OfficeTimeForm,
    TimeForm,
    grade_choices,
)
from portal.visits.models import Visit
from portal.visits.queries.slots import Worker
from portal.web.forms import PortalForm, VersionedForm, stripped

_ = i18n.lazy


class Details(VersionedForm, TimeForm):
    """What a session is like; without another time, it keeps its own."""

    grades = SelectMultipleField(_("Classes"))
    expected_heads = IntegerField(
        _("About how many people"),
        [InputRequired(HEADS_WANTED), NumberRange(1, MOST_HEADS, HEADS_WANTED)],
    )
    room = StringField(_("Room"), [Optional(), Length(max=120)], filters=[stripped])
    reason = TextAreaField(
        _("Why another time?"), [Optional(), Length(max=500)], filters=[stripped]
    )

    def offer(self, school: School) -> None:
        """Fill in the classes of the school's level."""
        self.grades.choices = grade_choices(school)

    def show(self, visit: Visit) -> None:
        """Fill in the session as it stands."""
        self.version.data = str(visit.version)
        self.grades.data = list(visit.grades)
        self.expected_heads.data = visit.expected_heads
        self.room.data = visit.room

    def validate_slot(self, _field: StringField) -> None:
        """Accept that the time stays."""

    def validate_reason(self, field: TextAreaField) -> None:
        """Ask for a reason where the time changes."""
        if self.moment() is not None and not field.data:
            raise ValidationError(
                i18n.gettext("Write a short reason. The other side will read it.")
            )

    def to_command(self, visit: Visit, worker_id: UUID | None = None) -> Wanted:
        """Return what is wanted."""
        return Wanted(
            starts_at=self.moment() or visit.starts_at,
            grades=tuple(self.grades.data or ()),
            expected_heads=self.expected_heads.data or 0,
            room=self.room.data or "",
            reason=self.reason.data or "",
            worker_id=worker_id,
        )


class ChangeForm(Details):
    """What a school would like to be different."""


class ProposalForm(Details, OfficeTimeForm):
    """What the office would like to be different."""

    def offer_workers(self, workers: Sequence[Worker]) -> None:
        """Fill in who could go."""
        self.worker.choices = [
            SelectChoice(BEST, i18n.gettext("Whoever comes now")),
            *(SelectChoice(each.public_id, each.full_name) for each in workers),
        ]

    def validate_worker(self, field: SelectField) -> None:
        """Ask for a time beside somebody else; who goes at the same time is changed elsewhere."""
        if field.data and self.moment() is None:
            raise ValidationError(
                i18n.gettext(
                    "Choose another time too. Who comes at the same time is changed on the "
                    "session's page."
                )
            )


class AnswerForm(PortalForm):
    """A yes to a school's change: who goes, and a reason where something speaks against it."""

    known_as = "yes"
    worker = SelectField(_("Social worker"))
    reason = StringField(
        _("Reason, where something speaks against it"),
        [Optional(), Length(max=300)],
        filters=[stripped],
    )

    def offer_workers(self, workers: Sequence[Worker]) -> None:
        """Fill in who could go."""
        self.worker.choices = [
            SelectChoice(BEST, i18n.gettext("As proposed")),
            *(SelectChoice(each.public_id, each.full_name) for each in workers),
        ]

    def to_command(self, workers: Sequence[Worker]) -> Answer:
        """Return the answer."""
        chosen = next((each.id for each in workers if each.public_id == self.worker.data), None)
        return Answer(chosen, self.reason.data or "")


class KeepForm(PortalForm):
    """Letting a session stay as it is."""

    known_as = "no"
    reason = TextAreaField(_("Reason"), [Optional(), Length(max=500)], filters=[stripped])
