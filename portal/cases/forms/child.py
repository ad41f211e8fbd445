"""What people write down about a child, its schools and its guardians."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Self
from uuid import UUID

from wtforms import DateField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError

from portal.cases.actions.identity import GuardianFacts, SchoolMove
from portal.cases.actions.opening import ChildFacts
from portal.cases.models import Case, Guardian
from portal.cases.queries import identity
from portal.cases.queries.words import RELATIONS
from portal.core import clock, i18n
from portal.core.addresses import normal_phone
from portal.web.addresses import dialled
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_LETTERS = 4000
MOST_YEARS = 25
NOTHING = SelectChoice("", "–")
NO_SCHOOL = "none"
SEXES: dict[str, Any] = {"f": _("Girl"), "m": _("Boy")}
Check = Callable[[Any, Any], None]
NISN = re.compile(r"\d{8,10}")
YEAR = re.compile(r"\d{4}")
# As an ISO date, or day before month as people here write it.
ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
LOCAL_DAY = re.compile(r"(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2})[-/. ](?P<year>\d{4})")


def line(label: Any, most: int = 200, *checks: Check) -> StringField:
    """Return a field for one line that may stay empty."""
    return StringField(label, [Length(max=most), *checks], filters=[stripped])


def phone(label: Any) -> TelField:
    """Return a field for a number that can be dialled, or nothing."""
    return TelField(label, [Length(max=30), dialled], filters=[stripped])


def birth(typed: str) -> str:
    """Return a day or year of birth as it is kept: an ISO date, a year, or nothing.

    Raises ValueError for anything else, and for whoever would be no child.
    """
    text = typed.strip()
    if not text:
        return ""
    today = clock.today()
    if YEAR.fullmatch(text):
        year = int(text)
    else:
        found = ISO_DAY.fullmatch(text) or LOCAL_DAY.fullmatch(text)
        if found is None:
            raise ValueError(typed)
        day = date(*(int(found[part]) for part in ("year", "month", "day")))
        if day > today:
            raise ValueError(typed)
        year, text = day.year, day.isoformat()
    if not today.year - MOST_YEARS <= year <= today.year:
        raise ValueError(typed)
    return text


def check_birth(_form: object, field: StringField) -> None:
    """Accept a day, a year, or nothing (a validator)."""
    try:
        birth(field.data or "")
    except ValueError as error:
        raise ValidationError(
            i18n.gettext("Write a day such as 9-3-2014, or the year alone.")
        ) from error


def check_nisn(_form: object, field: StringField) -> None:
    """Accept the pupil's number and no number of the family's papers (a validator)."""
    if field.data and not NISN.fullmatch("".join(field.data.split())):
        raise ValidationError(i18n.gettext("A NISN has 8 to 10 digits. The portal keeps no NIK."))


class ChildForm(VersionedForm):
    """Who a child is; only the name is needed."""

    full_name = StringField(
        _("Full name"),
        [Needed(_("Write the child's name, or words that describe it.")), Length(max=160)],
        filters=[stripped],
    )
    called = line(_("What it is called"), 60)
    born = line(_("Day or year of birth"), 20, check_birth)
    sex = SelectField(
        _("Girl or boy"),
        choices=[NOTHING, *(SelectChoice(code, name) for code, name in SEXES.items())],
    )
    nisn = line(_("NISN"), 40, check_nisn)
    address = line(_("Where it lives"), 300)
    disability = line(_("Disability, or help it needs"), 300)
    language = line(_("Language it speaks best"), 60)

    def to_command(self) -> ChildFacts:
        """Return what was written."""
        return ChildFacts(
            full_name=self.full_name.data or "",
            called=self.called.data or "",
            born=birth(self.born.data or ""),
            sex=self.sex.data or "",
            nisn="".join((self.nisn.data or "").split()),
            address=self.address.data or "",
            disability=self.disability.data or "",
            language=self.language.data or "",
        )


class SchoolForm(PortalForm):
    """Where a child goes to school from a day on."""

    school = SelectField(_("School"), [Needed(_("Choose the school."))])
    class_name = line(_("Class"), 20)
    since = DateField(
        _("First day there"), [Needed(_("Enter the first day there."))], default=clock.today
    )
    moved_reason = TextAreaField(_("Why it changes"), [Length(max=500)], filters=[stripped])

    def offer(self, schools: Sequence[Any]) -> None:
        """Fill in the schools of the city."""
        self._known = {row.public_id: row.id for row in schools}
        self.school.choices = [
            NOTHING,
            SelectChoice(NO_SCHOOL, i18n.gettext("None, or one outside the city")),
            *(SelectChoice(row.public_id, row.name) for row in schools),
        ]

    def to_command(self) -> SchoolMove:
        """Return where the child goes."""
        school_id: UUID | None = self._known.get(self.school.data)
        return SchoolMove(
            school_id=school_id,
            since=self.since.data or clock.today(),
            class_name=(self.class_name.data or "") if school_id else "",
            reason=self.moved_reason.data or "",
        )


class GuardianForm(VersionedForm):
    """A parent or another adult who answers for a child, and how to reach them safely."""

    guardian_name = StringField(
        _("Name"), [Needed(_("Write the guardian's name.")), Length(max=160)], filters=[stripped]
    )
    guardian_relation = line(_("What they are to the child"), 60)
    guardian_phone = phone(_("Phone"))
    guardian_address = line(_("Address, if it is another one"), 300)
    safe_contact = line(_("Safe way and time to reach them"), 300)

    @classmethod
    def showing(cls, record: Guardian, **more: Any) -> Self:
        """Return the form filled with what is known of a guardian."""
        return super().showing(
            record,
            guardian_name=record.full_name,
            guardian_relation=record.relation,
            guardian_phone=record.phone,
            guardian_address=record.address,
            **more,
        )

    def to_command(self) -> GuardianFacts:
        """Return what was written."""
        return GuardianFacts(
            full_name=self.guardian_name.data or "",
            relation=self.guardian_relation.data or "",
            phone=normal_phone(self.guardian_phone.data or "") or "",
            address=self.guardian_address.data or "",
            safe_contact=self.safe_contact.data or "",
        )


class KeepOutForm(PortalForm):
    """Why a guardian must hear of nothing."""

    kept_out_reason = TextAreaField(
        _("Why must they not be contacted?"),
        [Needed(_("Write why; whoever works on the case later needs to know.")), Length(max=500)],
        filters=[stripped],
    )


class LetInForm(PortalForm):
    """Why a guardian may be asked and told again."""

    let_in_reason = TextAreaField(
        _("Why may they be contacted again?"),
        [Needed(_("Write what has changed.")), Length(max=500)],
        filters=[stripped],
    )


class WishesForm(VersionedForm):
    """What serves a child best and what it wants itself, as both stand now."""

    child_view = TextAreaField(
        _("What the child wants, in its own words"), [Length(max=MOST_LETTERS)], filters=[stripped]
    )
    best_interests = TextAreaField(
        _("What serves the child best"), [Length(max=MOST_LETTERS)], filters=[stripped]
    )


class AbhForm(VersionedForm):
    """How a child stands in conflict with the law; empty takes the mark back."""

    abh = TextAreaField(
        _("How does it stand with the law?"), [Length(max=MOST_LETTERS)], filters=[stripped]
    )


class AdviceForm(VersionedForm):
    """What an adviser on the rights of children who were hurt said."""

    adviser_on = DateField(_("Asked on"), [Needed(_("Enter the day you asked."))])
    adviser = StringField(
        _("Who was asked"),
        [Needed(_("Write who it was, and of which body.")), Length(max=200)],
        filters=[stripped],
    )
    advice = TextAreaField(
        _("What they advised"),
        [Needed(_("Write what they advised.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )

    @classmethod
    def showing(cls, record: Case, **more: Any) -> Self:
        """Return the form filled with the last advice."""
        last = identity.advice_of(record)
        return super().showing(
            record,
            adviser_on=last.on if last else clock.today(),
            adviser=last.adviser if last else "",
            advice=last.words if last else "",
            **more,
        )


class CaseLinkForm(PortalForm):
    """Another case that belongs to this one."""

    case_number = StringField(
        _("Number of the other case"),
        [Needed(_("Enter the number of the other case.")), Length(max=40)],
        filters=[stripped],
    )
    case_relation = SelectField(
        _("How do they belong together?"),
        [Needed(_("Choose how they belong together."))],
        choices=[NOTHING, *(SelectChoice(each.value, name) for each, name in RELATIONS.items())],
    )
