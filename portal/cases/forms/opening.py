"""What is filled in to open a case; only the child's name is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError

from portal.cases.actions.opening import ChildFacts, NewCase
from portal.cases.actions.taking_in import NewGuardian, TakingIn, first_contact_on
from portal.cases.forms.child import SEXES, birth, check_birth, check_nisn, line, phone
from portal.cases.forms.known import ANOTHER_CHILD, child_choices
from portal.cases.models import Case
from portal.cases.queries.opening import Candidate, KnownChild
from portal.cases.queries.tasks import CODES, FIRST_CONTACT
from portal.cases.states import Origin
from portal.core import clock, i18n
from portal.core.addresses import normal_phone
from portal.core.settings import Office
from portal.incidents.forms.words import URGENCIES
from portal.incidents.models import Report
from portal.incidents.queries.files import details_of
from portal.incidents.queries.words import ANSWERS
from portal.incidents.states import Urgency
from portal.visits.models import Visit
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_WORDS = 10_000


def _one_of(label: Any, answers: Mapping[Any, Any]) -> RadioField:
    """Return a field for one answer or none; an answer that was not offered is none."""
    choices = [SelectChoice(str(code), words) for code, words in answers.items()]
    return RadioField(label, choices=choices, validate_choice=False)


@dataclass(frozen=True)
class Door:
    """By which door a child comes, and whom its form may name.

    `schools` have `id`, `public_id` and `name`; `people` may manage the case.
    """

    schools: Sequence[Any]
    people: Sequence[Candidate]
    report: Report | None = None
    visit: Visit | None = None
    sibling: Case | None = None

    @property
    def origin(self) -> Origin:
        """Return how the child comes to the office."""
        if self.report is not None:
            return Origin.REPORT
        return Origin.VISIT if self.visit is not None else Origin.REFERRAL_IN

    @property
    def school(self) -> str:
        """Return the public id of the school that stands there already; empty for none."""
        known = (each.school_id for each in (self.sibling, self.report, self.visit) if each)
        school_id = next((each for each in known if each is not None), None)
        return next((row.public_id for row in self.schools if row.id == school_id), "")


class OpeningForm(PortalForm):
    """Who the child is as far as anybody knows, who manages the case, and what comes first."""

    full_name = StringField(
        _("The child's name"),
        [Needed(_("Write the child's name, or words that describe it.")), Length(max=160)],
        filters=[stripped],
    )
    unnamed = BooleanField(_("The name is not known yet; these words describe the child"))
    born = line(_("Day or year of birth"), 20, check_birth)
    school = SelectField(_("School"), validate_choice=False)
    class_name = line(_("Class"), 20)
    origin_words = TextAreaField(
        _("Who sends the child, and what did they say?"),
        [Needed(_("Write who sends the child and why.")), Length(max=MOST_WORDS)],
        filters=[stripped],
    )
    manager = SelectField(_("Who manages the case?"))
    task = StringField(
        _("What comes first?"),
        [Needed(_("Write what is done first.")), Length(max=300)],
        filters=[stripped],
    )
    task_on = DateField(_("By when?"), [Needed(_("Choose the day by which it is done."))])

    called = line(_("What it is called"), 60)
    sex = _one_of(_("Girl or boy"), SEXES)
    nisn = line(_("NISN"), 40, check_nisn)

    guardian_name = line(_("Name of the parent or guardian"))
    guardian_relation = line(_("What they are to the child"), 60)
    guardian_phone = phone(_("Phone"))
    kept_out = BooleanField(_("Must not be contacted: the child may be in danger from them"))
    kept_out_reason = line(_("Why must they not be contacted?"), 500)

    kinds = SelectMultipleField(
        _("What kind of thing is it?"),
        choices=[SelectChoice(code, words) for code, words in ANSWERS["what"].items()],
        validate_choice=False,
    )
    urgency = _one_of(_("How urgent is it?"), URGENCIES)
    summary = TextAreaField(_("What is known so far"), [Length(max=MOST_WORDS)], filters=[stripped])

    same_guardians = BooleanField(_("The same parents or guardians"))
    same_child = _one_of(_("Is it this child?"), {})
    seen_children = HiddenField()
    seen_cases = HiddenField()

    # What the page folds away, part by part.
    folds: ClassVar[dict[str, tuple[str, ...]]] = {
        "child": ("called", "sex", "nisn"),
        "guardian": (
            *("guardian_name", "guardian_relation", "guardian_phone"),
            *("kept_out", "kept_out_reason"),
        ),
        "matter": ("kinds", "urgency", "summary"),
    }

    def unfolded(self, part: str) -> bool:
        """Say whether something stands against one of the fields of a part."""
        return any(self[name].errors for name in self.folds[part])

    def offer(self, door: Door, most: int) -> None:
        """Fill in the schools of the city, and who may manage how many of `most` cases."""
        if door.origin is not Origin.REFERRAL_IN:
            del self.origin_words
        unknown = SelectChoice("", i18n.gettext("Not known, or not said"))
        schools = (SelectChoice(row.public_id, row.name) for row in door.schools)
        self.school.choices = [unknown, *schools]
        self.manager.choices = [
            *(SelectChoice(each.user.public_id, _loaded(each, most)) for each in door.people),
            SelectChoice("", i18n.gettext("A coordinator decides")),
        ]

    def start(
        self, door: Door, office: Office, usual: Candidate | None, seen: Iterable[str]
    ) -> None:
        """Fill in what is usual and what is known; `seen` are the public ids of the cases shown."""
        self.seen_cases.data = " ".join(seen)
        if self.restored:
            return
        self.manager.data = usual.user.public_id if usual else ""
        self.school.data = door.school
        self.task.data = str(CODES[FIRST_CONTACT])
        self.urgency.data = Urgency.TWO_DAYS.value
        if door.sibling is not None:
            self.same_guardians.data = True
            if "origin_words" in self:
                self.origin_words.data = door.sibling.origin_words
        if door.report is not None:
            self._take_over(door.report)
            if door.sibling is None:
                self.full_name.data = details_of(door.report).get("child", "")
        self.task_on.data = first_contact_on(office, self.urgency.data)

    def _take_over(self, report: Report) -> None:
        self.kinds.data = list(report.kinds)
        self.urgency.data = str(report.urgency)
        self.summary.data = report.story

    def ask_which(self, known: Sequence[KnownChild]) -> None:
        """Offer the children the office knows."""
        self.same_child.choices = child_choices(known)
        self.seen_children.data = " ".join(each.public_id for each in known)

    def validate_task_on(self, field: DateField) -> None:
        """Ask for a day that is still to come."""
        if field.data and field.data < clock.today():
            raise ValidationError(i18n.gettext("Choose today or a day after it."))

    def validate_guardian_name(self, field: StringField) -> None:
        """Ask who it is, once anything else is said about them."""
        others = [name for name in self.folds["guardian"] if name != field.name]
        if not field.data and any(self[name].data for name in others):
            raise ValidationError(
                i18n.gettext("Write who it is; words like “the father” are enough.")
            )

    def validate_kept_out_reason(self, field: StringField) -> None:
        """Ask why somebody must hear of nothing."""
        if self.kept_out.data and not field.data:
            raise ValidationError(i18n.gettext("Write why, for whoever reads the case later."))

    def to_command(self, door: Door) -> TakingIn:
        """Return what to open; a school or a person that was not offered is none."""
        managers = {each.user.public_id: each.user.id for each in door.people}
        schools = {row.public_id: row.id for row in door.schools}
        chosen = self.same_child.data or ""
        kinds = self.kinds.data or ()
        said = self.task.data or ""
        return TakingIn(
            case=NewCase(
                child=self._child(),
                origin=door.origin,
                named=not self.unnamed.data,
                school_id=schools.get(self.school.data or ""),
                class_name=self.class_name.data or "",
                report=door.report,
                visit_id=door.visit.id if door.visit else None,
                origin_words=(self.origin_words.data or "") if "origin_words" in self else "",
                kinds=tuple(code for code in ANSWERS["what"] if code in kinds),
                urgency=self.urgency.data if self.urgency.data in set(URGENCIES) else "two_days",
                summary=self.summary.data or "",
                manager_id=managers.get(self.manager.data or ""),
            ),
            first_task="" if said == str(CODES[FIRST_CONTACT]) else said,
            first_task_on=self.task_on.data or clock.today(),
            guardian=self._guardian(),
            sibling=door.sibling,
            same_guardians=bool(self.same_guardians.data),
            same_child="" if chosen == ANOTHER_CHILD else chosen,
            seen_cases=frozenset((self.seen_cases.data or "").split()),
            # Whoever chose none was not asked yet.
            seen_children=frozenset((self.seen_children.data or "").split() if chosen else ()),
        )

    def _child(self) -> ChildFacts:
        return ChildFacts(
            full_name=self.full_name.data or "",
            called=self.called.data or "",
            born=birth(self.born.data or ""),
            sex=self.sex.data if self.sex.data in SEXES else "",
            nisn="".join((self.nisn.data or "").split()),
        )

    def _guardian(self) -> NewGuardian | None:
        if not self.guardian_name.data:
            return None
        return NewGuardian(
            full_name=self.guardian_name.data,
            relation=self.guardian_relation.data or "",
            phone=normal_phone(self.guardian_phone.data or "") or "",
            kept_out=(self.kept_out_reason.data or "") if self.kept_out.data else "",
        )


def _loaded(person: Candidate, most: int) -> str:
    return i18n.gettext(
        "%(name)s (%(held)s of %(most)s)",
        name=person.user.full_name,
        held=i18n.number(person.held),
        most=i18n.number(most),
    )


class AddReportForm(PortalForm):
    """The case a report belongs to, by its number."""

    case_number = StringField(
        _("Number of the case"),
        [Needed(_("Write the number of the case, such as KS-2026-001.")), Length(max=40)],
        filters=[stripped],
    )
