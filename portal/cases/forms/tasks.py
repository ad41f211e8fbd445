"""What somebody does next in a case, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from wtforms import DateField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError

from portal.core import clock, i18n
from portal.people.models import User
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_LETTERS = 300


class EndTaskForm(PortalForm):
    """What came of a task, or why it is no longer needed."""

    words = StringField(
        _("What came of it, or why it is no longer needed"),
        [Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
    # The public id of the task it was sent for.
    about = ""


class TaskForm(PortalForm):
    """A task with its day and its person."""

    text = StringField(
        _("What is to be done?"),
        [Needed(_("Write what is to be done.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
    due_on = DateField(_("By when?"), [Needed(_("Choose the day by which it is done."))])
    person = SelectField(_("Who does it?"), [Needed(_("Choose who does it."))])

    # The form under each open task, and the one of them that was just sent.
    ending: EndTaskForm
    ended: EndTaskForm | None = None

    @classmethod
    def among(
        cls, people: Sequence[User], usual: User | None, tried: PortalForm | None = None
    ) -> Self:
        """Return the form for a case's page, as it was sent where it was one of its forms.

        `people` work on the case; `usual` is the one chosen already.
        """
        form = cls.as_sent(tried)
        form.offer(people)
        if form is not tried and usual in people:
            form.person.data = usual.public_id if usual else None
            form.due_on.data = clock.add_working_days(clock.today(), 1)
        form.ending = EndTaskForm(formdata=None)
        form.ended = tried if isinstance(tried, EndTaskForm) else None
        return form

    def offer(self, people: Sequence[User]) -> None:
        """Fill in who works on the case."""
        self.person.choices = [SelectChoice(each.public_id, each.full_name) for each in people]

    def validate_due_on(self, field: DateField) -> None:
        """Ask for a day that is still to come."""
        if field.data and field.data < clock.today():
            raise ValidationError(i18n.gettext("Choose today or a day after it."))
