"""What is written about a child's situation, and what somebody may ask to find it out."""

from __future__ import annotations

from typing import Any, Self

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError

from portal.cases.actions.assessing import Findings
from portal.cases.models import Need
from portal.cases.queries.words import CONCERNS, DOMAINS
from portal.cases.states import Domain
from portal.core import clock, i18n
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_LETTERS = 4000
NEED_LENGTH = 500
MOST_NEEDS = 10
NOTHING = SelectChoice("", "–")

# What is worth asking or watching; nobody need go through it like a list.
GUIDES: dict[Domain, tuple[Any, ...]] = {
    Domain.PSYCHOLOGICAL: (
        _("Is the child anxious, sad, quick to startle, or easily angry?"),
        _("How does it sleep and eat?"),
        _("Does it keep to itself, or no longer like what it liked before?"),
        _("Has it spoken of hurting itself or of not wanting to live? Then act today."),
    ),
    Domain.FAMILY: (
        _("Who lives with the child, and whom does it trust there?"),
        _("How does the family take it: with support, blame, quarrels, silence?"),
        _("Do work, money or illness weigh on the family?"),
        _("Is there anybody at home whom the child fears?"),
    ),
    Domain.SCHOOL: (
        _("Does the child go to school, or look for reasons to stay away?"),
        _("Can it concentrate, and how are its lessons compared with before?"),
        _("Whom does it spend the breaks with?"),
        _("What have the teachers noticed, and what have they done?"),
    ),
    Domain.HEALTH: (
        _("Are there injuries, or pains that come back?"),
        _("Has a health worker seen the child, and what did they say?"),
        _("Does an illness or a disability call for something?"),
    ),
    Domain.SAFETY: (
        _("Could it happen again today? Where and when?"),
        _("Is the way to school and back safe?"),
        _("Does it go on by phone or online?"),
        _("Whom can the child turn to at once, and does it know that?"),
    ),
}


class FindingsForm(VersionedForm):
    """What was found in one domain."""

    concern = RadioField(
        _("How much does it worry you?"),
        [Needed(_("Choose how much it worries you; it shows where help is needed first."))],
        coerce=int,
        choices=[SelectChoice(degree, name) for degree, name in enumerate(CONCERNS)],
    )
    findings = TextAreaField(
        _("What you saw and heard"),
        [
            Needed(_("Write what you saw and heard, also when nothing worries you.")),
            Length(max=MOST_LETTERS),
        ],
        filters=[stripped],
    )
    strengths = TextAreaField(
        _("What is going well"), [Length(max=MOST_LETTERS)], filters=[stripped]
    )
    told_by = StringField(_("Who told you"), [Length(max=300)], filters=[stripped])
    assessed_on = DateField(
        _("On"), [Needed(_("Enter the day, so that changes can be seen."))], default=clock.today
    )

    def to_findings(self) -> Findings:
        """Return what was found."""
        return Findings(
            concern=int(self.concern.data),
            findings=self.findings.data or "",
            strengths=self.strengths.data or "",
            told_by=self.told_by.data or "",
            assessed_on=self.assessed_on.data or clock.today(),
        )


class AssessForm(FindingsForm):
    """A new assessment, with the needs that follow from it."""

    needs = TextAreaField(_("What the child needs, one need on each line"), filters=[stripped])

    def validate_needs(self, _field: TextAreaField) -> None:
        """Keep each need short enough to plan for."""
        lines = self.to_needs()
        if len(lines) > MOST_NEEDS or any(len(line) > NEED_LENGTH for line in lines):
            raise ValidationError(
                i18n.gettext(
                    "Write at most %(most)s needs, each in a sentence or two.", most=MOST_NEEDS
                )
            )

    def to_needs(self) -> tuple[str, ...]:
        """Return the needs, one for each line that says something."""
        lines = (line.strip(" -•\t") for line in (self.needs.data or "").splitlines())
        return tuple(line for line in lines if line)


class NeedForm(PortalForm):
    """Something the child or its family needs."""

    domain = SelectField(
        _("Which area?"),
        [Needed(_("Choose the area it belongs to."))],
        choices=[NOTHING, *(SelectChoice(each.value, name) for each, name in DOMAINS.items())],
    )
    need = TextAreaField(
        _("What is needed?"),
        [Needed(_("Write what the child or its family needs.")), Length(max=NEED_LENGTH)],
        filters=[stripped],
    )


class MetForm(PortalForm):
    """Since when a need is met."""

    met_on = DateField(
        _("Met since"), [Needed(_("Enter the day since when it is met."))], default=clock.today
    )
    need_id: str = ""

    def about(self, need_id: str) -> Self:
        """Belong to one need; a page holds one such form for each."""
        self.need_id = need_id
        self.met_on.id = self.met_on.label.field_id = f"met-{need_id}"
        return self

    @classmethod
    def of(cls, need: Need, tried: PortalForm | None) -> MetForm:
        """Return the form for a need: the one just sent if it was about this one."""
        if isinstance(tried, cls) and tried.need_id == need.public_id:
            return tried
        return cls(formdata=None).about(need.public_id)
