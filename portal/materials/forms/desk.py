"""Beginning a material, what is about it, and letting it go its way."""

from __future__ import annotations

from typing import Any, Self

from wtforms import HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms import StringField as Text
from wtforms.fields import SelectChoice
from wtforms.validators import NumberRange, Optional, Regexp, ValidationError

from portal.core import i18n
from portal.materials.actions.publishing import NOTE_LENGTH
from portal.materials.forms.parts import Https, Plain
from portal.materials.models import Material
from portal.materials.policy import slugs
from portal.materials.policy.about import (
    AUTHOR_LENGTH,
    SOURCE_LENGTH,
    SOURCE_URL_LENGTH,
    About,
)
from portal.materials.policy.content import TITLE_LENGTH
from portal.materials.policy.exchange import AGES, MOST_MINUTES
from portal.materials.queries.words import AUDIENCES, KINDS, LICENCES, STRATEGIES
from portal.materials.states import Licence, MaterialKind, Strategy
from portal.schools.models import LEVEL_GROUPS
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy


def choices(words: dict[Any, Any]) -> list[SelectChoice]:
    """Return codes with what they are called, for fields to choose from."""
    return [SelectChoice(str(code), label) for code, label in words.items()]


def _audiences() -> SelectMultipleField:
    needed = Needed(_("Choose whom it is for."))
    return SelectMultipleField(_("Whom is it for?"), [needed], choices=choices(AUDIENCES))


# What readers do something with comes first.
KINDS_OFFERED = (
    MaterialKind.SCENARIO,
    MaterialKind.QUIZ,
    MaterialKind.LESSON_KIT,
    MaterialKind.ARTICLE,
    MaterialKind.PARENT_CARD,
    MaterialKind.POSTER,
    MaterialKind.VIDEO,
    MaterialKind.FILE,
)


class NewForm(PortalForm):
    """What a new material is, what it is called, and whom it is for."""

    kind = RadioField(
        _("What do you want to make?"),
        [Needed(_("Choose what it will be."))],
        choices=choices({kind: KINDS[kind] for kind in KINDS_OFFERED}),
    )
    title = Text(
        _("Title in Indonesian"),
        [Needed(_("Give it a title, so that others find it.")), Plain(TITLE_LENGTH)],
        filters=[stripped],
    )
    audiences = _audiences()

    @property
    def chosen_kind(self) -> MaterialKind:
        """Return what it is to be."""
        return MaterialKind(self.kind.data)


class AboutForm(VersionedForm):
    """What is about a material, whatever it says."""

    slug = Text(
        _("Address"),
        [
            Needed(_("Enter the last part of its address.")),
            Plain(slugs.LENGTH),
            Regexp(
                rf"{slugs.SLUG.pattern}\Z",
                message=_("Use small letters, figures and single dashes, such as teman-baik."),
            ),
        ],
        filters=[stripped],
    )
    strategy = SelectField(_("Strategy"), choices=choices(STRATEGIES))
    audiences = _audiences()
    levels = SelectMultipleField(
        _("For which schools?"), choices=[SelectChoice(name, name) for name in LEVEL_GROUPS]
    )
    age_from = IntegerField(_("Age from"), [Optional(), NumberRange(*AGES)])
    age_to = IntegerField(_("Age to"), [Optional(), NumberRange(*AGES)])
    minutes = IntegerField(
        _("How many minutes it takes"), [Optional(), NumberRange(1, MOST_MINUTES)]
    )
    licence = SelectField(_("Licence"), choices=choices(LICENCES))
    author = Text(_("Who made it"), [Plain(AUTHOR_LENGTH)], filters=[stripped])
    source = Text(_("Where it comes from"), [Plain(SOURCE_LENGTH)], filters=[stripped])
    source_url = Text(
        _("Address of the source"), [Plain(SOURCE_URL_LENGTH), Https()], filters=[stripped]
    )

    def validate_age_to(self, field: IntegerField) -> None:
        """Ask for ages in their order."""
        if field.data and self.age_from.data and field.data < self.age_from.data:
            raise ValidationError(i18n.gettext("Let the second age be the higher one."))

    @classmethod
    def of(cls, material: Material, **more: Any) -> Self:
        """Return the form as a material stands; once published, its address stays."""
        form = cls.showing(material, **more) if more else cls.showing(material)
        return form.fixed(material)

    def fixed(self, material: Material) -> Self:
        """Leave out what can no longer be changed."""
        if material.published_at is not None:
            del self.slug
        return self

    def to_command(self, material: Material) -> About:
        """Return what is about the material now."""
        return About(
            slug=self.slug.data if self.slug else material.slug,
            strategy=Strategy(self.strategy.data),
            audiences=tuple(self.audiences.data),
            levels=tuple(self.levels.data or ()),
            age_from=self.age_from.data,
            age_to=self.age_to.data,
            minutes=self.minutes.data,
            licence=Licence(self.licence.data),
            author=self.author.data or "",
            source=self.source.data or "",
            source_url=self.source_url.data or "",
        )


class SeenForm(PortalForm):
    """A step that is about what stands on the page, and not about what stands there later."""

    # Which version was looked at; empty where no page says so.
    seen = HiddenField()


class PublishForm(SeenForm):
    """What changed with this edition."""

    note = Text(_("What changed?"), [Plain(NOTE_LENGTH)], filters=[stripped])


class WithdrawForm(PortalForm):
    """Why a material is taken off the shelf."""

    reason = Text(
        _("Why is it taken off?"),
        [Needed(_("Say why, so that colleagues understand it later.")), Plain(NOTE_LENGTH)],
        filters=[stripped],
    )
