"""Collections of materials, and paths that are gone day by day."""

from __future__ import annotations

from typing import Any, Self

from wtforms import BooleanField, HiddenField, IntegerField, RadioField
from wtforms import StringField as Text
from wtforms import TextAreaField as LongText
from wtforms.fields import SelectChoice
from wtforms.validators import NumberRange, Optional

from portal.core import i18n
from portal.materials.actions.groups import GroupCommand
from portal.materials.forms.parts import Plain
from portal.materials.models import MaterialGroup
from portal.materials.policy.content import TITLE_LENGTH
from portal.materials.states import GroupKind
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

TEXT_LENGTH = 400
LAST_POSITION = 99


class GroupForm(VersionedForm):
    """What a group is called, what it is for, and whether it shows."""

    title_id = Text(
        _("Title in Indonesian"),
        [Needed(_("Give it a title in Indonesian.")), Plain(TITLE_LENGTH)],
        filters=[stripped],
    )
    title_en = Text(_("Title in English"), [Plain(TITLE_LENGTH)], filters=[stripped])
    text_id = LongText(_("In short, in Indonesian"), [Plain(TEXT_LENGTH)], filters=[stripped])
    text_en = LongText(_("In short, in English"), [Plain(TEXT_LENGTH)], filters=[stripped])
    position = IntegerField(
        _("Place among the others"), [Optional(), NumberRange(0, LAST_POSITION)], default=0
    )
    seen_by_all = BooleanField(_("Everybody sees it"))

    @classmethod
    def showing(cls, record: MaterialGroup, **more: Any) -> Self:
        """Return the form filled with a group as it stands."""
        return super().showing(record, seen_by_all=record.shown, **more)

    def to_command(self) -> GroupCommand:
        """Return what was written."""
        return GroupCommand(
            title_id=self.title_id.data or "",
            title_en=self.title_en.data or "",
            text_id=self.text_id.data or "",
            text_en=self.text_en.data or "",
            position=self.position.data or 0,
            shown=self.seen_by_all.data,
        )


class NewGroupForm(GroupForm):
    """A new group: a collection, or a path."""

    kind = RadioField(
        _("What will it be?"),
        [Needed(_("Choose what it will be."))],
        choices=[
            SelectChoice(GroupKind.COLLECTION, _("A collection on the shelf")),
            SelectChoice(GroupKind.PATH, _("A path for parents, one card a day")),
        ],
        default=GroupKind.COLLECTION,
    )

    @property
    def chosen_kind(self) -> GroupKind:
        """Return what it is to be."""
        return GroupKind(self.kind.data)


class ItemForm(PortalForm):
    """A material of a group, by its public id."""

    material = HiddenField(filters=[stripped])
