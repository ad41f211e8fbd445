"""What people write down about a return-to-school plan, at the office and at the school."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from portal.core import i18n
from portal.core.errors import Rejected
from portal.monitoring.actions.plan_drafts import Written
from portal.monitoring.models import ReturnPlan
from portal.monitoring.queries.plan_words import READY, TEXTS, TITLES
from portal.monitoring.queries.plans import Candidate, Read
from portal.monitoring.queries.words import PARTS
from portal.monitoring.states import PlanState
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

# So that a plan stays one page on paper.
MOST_LETTERS = 1000


def _text(label: Any, *needed: Needed) -> TextAreaField:
    rest = Length(max=MOST_LETTERS)
    return TextAreaField(label, [*(needed or (Optional(),)), rest], filters=[stripped])


def _ready(part: str) -> SelectMultipleField:
    return SelectMultipleField(
        _("Ready sentences"),
        choices=[SelectChoice(code, words) for code, words in READY[part].items()],
    )


class PlanForm(VersionedForm):
    """What the school reads; each field is one that may leave the office."""

    child_name = StringField(
        _("The child's name"),
        [Needed(_("Write the child's name as the school knows it.")), Length(max=160)],
        filters=[stripped],
    )
    class_name = StringField(_("Class"), [Optional(), Length(max=20)], filters=[stripped])
    returns_on = DateField(TITLES["returns_on"], [Needed(_("Enter the first day back at school."))])
    review_on = DateField(TITLES["review_on"], [Optional()])
    safety_steps = _text(TITLES["safety_steps"])
    safety_steps_ready = _ready("safety_steps")
    helps = _text(TITLES["helps"])
    helps_ready = _ready("helps")
    avoids = _text(TITLES["avoids"])
    avoids_ready = _ready("avoids")
    agreed = _text(TITLES["agreed"])
    take_over = BooleanField(_("Take over the child's own words from the file"))
    contacts = _text(TITLES["contacts"], Needed(_("Write whom the school calls, and when.")))
    readers = SelectMultipleField(_("Who at the school reads it?"))

    def offer(self, candidates: Sequence[Candidate]) -> None:
        """Fill in who may be chosen to read it; principals read it anyway."""
        chosen = [each for each in candidates if each.teaches]
        self._known = {each.user.public_id: each.user.id for each in chosen}
        self.readers.choices = [
            SelectChoice(each.user.public_id, f"{each.user.full_name} · {PARTS[each.part]}")
            for each in chosen
        ]

    def begin_with(self, name: str, class_name: str, contacts: str) -> None:
        """Propose what the file says of who the child is, and whom to call."""
        if not self.restored:
            self.child_name.data, self.class_name.data = name, class_name
            self.contacts.data = contacts

    @classmethod
    def of(cls, plan: ReturnPlan, readers: Sequence[Read]) -> PlanForm:
        """Return the form filled with a draft as it stands."""
        form = cls.showing(plan)
        if not form.restored:
            form.readers.data = [each.user.public_id for each in readers]
        return form

    def to_written(self, child_view: str) -> Written:
        """Return what was written, with the ready sentences that were ticked."""
        texts = {name: self._whole(name) for name in TEXTS}
        if self.take_over.data and child_view:
            texts["agreed"] = _joined(texts["agreed"], [child_view])
        return Written(
            child_name=self.child_name.data or "",
            class_name=self.class_name.data or "",
            returns_on=self.returns_on.data,
            review_on=self.review_on.data,
            **texts,
        )

    def _whole(self, name: str) -> str:
        ready = READY.get(name, {})
        ticked = self[f"{name}_ready"].data or () if ready else ()
        return _joined(self[name].data or "", [str(ready[code]) for code in ticked])

    @property
    def chosen(self) -> list[UUID]:
        """Return who shall read it."""
        return [self._known[each] for each in self.readers.data or ()]


def _joined(text: str, more: Sequence[str]) -> str:
    """Return a text with each further one that it does not hold yet on a line of its own."""
    return "\n".join([*filter(None, [text]), *(each for each in more if each not in text)])


class ShareForm(VersionedForm):
    """Who fills in the forms from now on; pressing the button shares the plan as it was shown."""

    teacher = RadioField(_("Who fills in the monitoring form?"), validate_choice=False)
    warned = BooleanField(_("The child and the family know who at the school reads it"))
    warns = False

    def offer(self, readers: Sequence[Candidate], *, keep_from_school: bool) -> None:
        """Fill in who may fill in the forms; the only one is proposed."""
        teaching = [each for each in readers if each.teaches]
        self._known = {each.user.public_id: each.user.id for each in teaching}
        self.teacher.choices = [
            SelectChoice(each.user.public_id, each.user.full_name) for each in teaching
        ]
        self.warns = keep_from_school
        if not self.teacher.data and len(teaching) == 1:
            self.teacher.data = teaching[0].user.public_id

    def check_shown(self, plan: ReturnPlan) -> None:
        """Refuse to share what a colleague wrote since; raises Rejected("draft_changed")."""
        shown, self.version.data = self.version.data, str(plan.version)
        self.version.raw_data = None
        if plan.state == PlanState.DRAFT and shown != self.version.data:
            raise Rejected("draft_changed")

    def validate_warned(self, field: BooleanField) -> None:
        """Ask for a second thought where a report says that the school must hear of nothing."""
        if self.warns and not field.data:
            raise ValidationError(
                i18n.gettext(
                    "A report of this case says not to tell the school. Talk with the child and "
                    "the family first, then tick this."
                )
            )

    @property
    def chosen(self) -> UUID | None:
        """Return who shall fill in the forms."""
        return self._known.get(self.teacher.data or "")


class AcknowledgeForm(PortalForm):
    """That somebody at the school read a plan, and what they ask or add."""

    words = _text(_("A question, or something to add"))
