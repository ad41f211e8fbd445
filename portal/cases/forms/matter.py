"""What a case is about, put right."""

from __future__ import annotations

from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.cases.models import Case
from portal.cases.queries.sentences import explain
from portal.cases.states import EntryKind
from portal.core import i18n
from portal.incidents.forms.words import URGENCIES
from portal.incidents.queries.words import ANSWERS
from portal.web.forms import Needed, VersionedForm, stripped

_ = i18n.lazy

MOST_LETTERS = 2000

explain(EntryKind.IDENTITY, "urgency", URGENCIES)


class MatterForm(VersionedForm):
    """Which forms of violence a case is about, how urgent it is, and why that is put right."""

    kinds = SelectMultipleField(
        _("What kind of thing is it?"),
        choices=[SelectChoice(code, words) for code, words in ANSWERS["what"].items()],
        validate_choice=False,
    )
    urgency = RadioField(
        _("How urgent is it?"),
        [Needed(_("Choose how urgent it is."))],
        choices=[SelectChoice(each.value, name) for each, name in URGENCIES.items()],
    )
    matter_reason = TextAreaField(
        _("Why is it put right?"),
        [Needed(_("Write what became known, or what was wrong.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )

    def check(self, case: Case) -> None:
        """Refuse to overwrite what a colleague put right; raises what `check_version` raises."""
        shown = MatterForm.showing(case, formdata=None)
        # A case keeps no reason of its own to compare with.
        del shown.matter_reason
        self.check_version(case, shown)

    @property
    def chosen(self) -> list[str]:
        """Return the forms of violence that were chosen of those offered."""
        return [code for code in ANSWERS["what"] if code in (self.kinds.data or ())]
