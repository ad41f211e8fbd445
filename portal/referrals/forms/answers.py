"""What a provider answers: on its own page, or written down by the office."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf.file import FileField
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.core import files, i18n
from portal.core.files import Checked
from portal.referrals.actions.answering import PAPERS, Answer
from portal.referrals.queries.words import ANSWERS
from portal.referrals.states import ANSWERED, AnswerKind, ReferralState
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_LETTERS = 6000


def kinds_for(state: ReferralState) -> list[AnswerKind]:
    """Return what can be answered now."""
    return [kind for kind, (sources, _target) in ANSWERED.items() if state in sources]


class AnswerForm(PortalForm):
    """Whether somebody helps, how it goes, what came of it."""

    kind = RadioField(_("Your answer"), [Needed(_("Choose an answer."))])
    text = TextAreaField(_("In words"), [Optional(), Length(max=MOST_LETTERS)], filters=[stripped])
    given_by = StringField(
        _("Who answers?"),
        [Needed(_("Write your name, so that the office knows whom to ask.")), Length(max=160)],
        filters=[stripped],
    )
    file = FileField(_("File"), [Optional()])

    def offer(self, kinds: Iterable[AnswerKind]) -> None:
        """Fill in what can be answered now."""
        self.kind.choices = [SelectChoice(each.value, ANSWERS[each]) for each in kinds]

    def sent_file(self) -> bytes | None:
        """Return the file as it was sent, cut off where it is too large anyway."""
        sent = self.file.data
        return sent.stream.read(files.MOST_BYTES + 1) if sent and sent.filename else None

    def to_command(self, file: Checked | None) -> Answer:
        """Return what was answered."""
        kind = AnswerKind(self.kind.data)
        return Answer(kind, self.given_by.data or "", self.text.data or "", file)


class PaperForm(AnswerForm):
    """An answer that came on paper or by phone."""

    kind = RadioField(_("The provider's answer"), [Needed(_("Choose an answer."))])
    given_by = StringField(
        _("Who answered?"),
        [Needed(_("Write who answered, so that colleagues know whom to ask.")), Length(max=160)],
        filters=[stripped],
    )


def check_file(content: bytes | None) -> Checked | None:
    """Return a file as it is to be kept; raises what `core.files.check` raises."""
    return None if content is None else files.check(content, PAPERS)
