"""Forms of an MoU: what it says, its signed copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length, NumberRange, Optional

from portal.core import clock, i18n
from portal.core.errors import Rejected
from portal.core.settings import Office
from portal.schools.actions import MouTerms, Upload
from portal.schools.actions.obligations import Promise
from portal.schools.forms.register import tidy, tidy_lines, uploaded
from portal.schools.models import Mou, MouObligation, PartnershipRequest, Side
from portal.web.forms import Needed, PortalForm, VersionedForm

_ = i18n.lazy

MOST_SESSIONS = 50
MOST_PROMISES = 20
# Proposed for the first MoU of a school; later ones begin with what the last one says.
USUAL_PROMISES: dict[Side, tuple[Any, ...]] = {
    Side.SCHOOL: (
        _("Names a focal team of two or three teachers"),
        _("Provides a room and a teacher for every session"),
        _("Fills in the monitoring forms in time"),
    ),
    Side.OFFICE: (
        _("Holds the promised sessions every school year"),
        _("Answers requests in time"),
        _("Tells the school what became of its forms and reports"),
    ),
}


def _name(label: Any, column: Any) -> StringField:
    return StringField(label, [Optional(), Length(max=column.type.length)], filters=[tidy])


def _promises(label: Any) -> TextAreaField:
    most = MOST_PROMISES * MouObligation.text.type.length
    return TextAreaField(label, [Optional(), Length(max=most)], filters=[tidy_lines])


class MouForm(VersionedForm):
    """What an MoU says, who signed it, and its signed copy."""

    number = StringField(
        _("MoU number"),
        [
            Needed(_("Enter the number, so that both sides can find the paper.")),
            Length(max=Mou.number.type.length),
        ],
        filters=[tidy],
    )
    signed_on = DateField(_("Signed on"), [Needed(_("Choose the day of the signing."))])
    valid_until = DateField(_("Valid until"), [Needed(_("Choose the last day of the MoU."))])
    promised_sessions = IntegerField(
        _("Sessions promised per school year"),
        [
            Needed(_("Enter the number of sessions as a figure, for example 2.")),
            NumberRange(
                0,
                MOST_SESSIONS,
                message=_("Enter the number of sessions as a figure, for example 2."),
            ),
        ],
    )
    scope = TextAreaField(
        _("What was agreed"), [Optional(), Length(max=Mou.scope.type.length)], filters=[tidy_lines]
    )
    school_signer = _name(_("Signed for the school by"), Mou.school_signer)
    school_signer_position = _name(_("Position at the school"), Mou.school_signer_position)
    office_signer = _name(_("Signed for the office by"), Mou.office_signer)
    office_signer_position = _name(_("Position at the office"), Mou.office_signer_position)
    file = FileField(_("Signed copy (PDF or photo)"), [Optional()])

    def to_command(self) -> MouTerms:
        """Return what the MoU says."""
        return MouTerms(
            number=self.number.data or "",
            signed_on=self.signed_on.data,
            valid_until=self.valid_until.data,
            promised_sessions=self.promised_sessions.data,
            scope=self.scope.data or "",
            file=uploaded(self.file.data),
            school_signer=self.school_signer.data or "",
            school_signer_position=self.school_signer_position.data or "",
            office_signer=self.office_signer.data or "",
            office_signer_position=self.office_signer_position.data or "",
        )


class NewMouForm(MouForm):
    """A new MoU, with what both sides promise in it, one promise a line."""

    school_promises = _promises(_("The school promises (one promise a line)"))
    office_promises = _promises(_("The office promises (one promise a line)"))

    def begin(self, office: Office, asked: PartnershipRequest | None) -> None:
        """Fill in the first MoU of a school, with the name of whoever asked for it."""
        self.signed_on.data = clock.today()
        self.office_signer.data = office["signer_name"]
        self.office_signer_position.data = office["signer_position"]
        if asked is not None:
            self.school_signer.data = asked.full_name
            self.school_signer_position.data = asked.position
        for side, field in self._sides():
            field.data = "\n".join(str(line) for line in USUAL_PROMISES[side])

    def follow(self, before: Mou, promised: Sequence[MouObligation]) -> None:
        """Fill in what an earlier MoU says, from the day after its last one, for as long."""
        self.signed_on.data = before.valid_until + timedelta(days=1)
        self.valid_until.data = self.signed_on.data + (before.valid_until - before.signed_on)
        self.promised_sessions.data = before.promised_sessions
        self.scope.data = before.scope
        for name in ("school_signer", "school_signer_position"):
            self[name].data = getattr(before, name)
        for name in ("office_signer", "office_signer_position"):
            self[name].data = getattr(before, name) or self[name].data
        if promised:
            for side, field in self._sides():
                field.data = "\n".join(each.text for each in promised if each.side == side)

    def promises(self) -> list[Promise]:
        """Return what both sides promise."""
        return [
            Promise(side, line)
            for side, field in self._sides()
            for line in (field.data or "").splitlines()
        ]

    def _sides(self) -> tuple[tuple[Side, TextAreaField], ...]:
        return (Side.SCHOOL, self.school_promises), (Side.OFFICE, self.office_promises)

    def validate_school_promises(self, field: TextAreaField) -> None:
        """Accept a few lines, none of them too long to be kept."""
        lines = (field.data or "").splitlines()
        longest: int = MouObligation.text.type.length
        if len(lines) > MOST_PROMISES or any(len(line) > longest for line in lines):
            raise ValidationError(
                i18n.gettext(
                    "Write at most %(lines)s lines, each of at most %(most)s characters.",
                    lines=MOST_PROMISES,
                    most=longest,
                )
            )

    def validate_office_promises(self, field: TextAreaField) -> None:
        """Accept what is accepted of the school."""
        self.validate_school_promises(field)


class AgreementForm(VersionedForm):
    """The word on an MoU as its page shows it."""

    def check(self, mou: Mou) -> None:
        """Refuse what was not read; raises Rejected("mou_changed")."""
        if self.version.data != str(mou.version):
            raise Rejected("mou_changed")


class CopyForm(PortalForm):
    """The signed copy of an MoU."""

    file = FileField(
        _("Signed copy (PDF or photo)"), [FileRequired(_("Choose the scan or the photo."))]
    )

    def to_command(self) -> Upload:
        """Return the file."""
        return uploaded(self.file.data) or Upload("", b"")
