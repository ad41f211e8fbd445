"""Forms keep what was typed, explain what is needed, and speak Indonesian to the last message."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import wtforms.fields
import wtforms.validators
from flask import Flask
from flask_wtf import file as flask_wtf_file
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    DateTimeLocalField,
    DecimalField,
    DecimalRangeField,
    Field,
    FieldList,
    FileField,
    FloatField,
    Form,
    IntegerField,
    IntegerRangeField,
    MonthField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
    WeekField,
    validators,
)
from wtforms.fields import SelectChoice
from wtforms.fields.core import UnboundField

from portal import create_app
from portal.core import i18n
from portal.core.errors import Rejected
from portal.web.forms import EntryList, Needed, PortalForm, stripped
from tests.conftest import settings_for

CHOICES = [SelectChoice("a", "A"), SelectChoice("b", "B")]
TYPED = {"x": "zz"}

# A field with a validator, and an input it complains about.
COMPLAINTS: dict[str, tuple[Callable[[], Any], dict[str, str]]] = {
    "AnyOf": (lambda: StringField(validators=[validators.AnyOf(["a", "b"])]), TYPED),
    "DataRequired": (lambda: StringField(validators=[validators.DataRequired()]), {}),
    "DateRange": (
        lambda: DateField(validators=[validators.DateRange(date(2026, 1, 1), date(2026, 12, 31))]),
        {"x": "2030-01-01"},
    ),
    "DateRange at least": (
        lambda: DateField(validators=[validators.DateRange(min=date(2026, 1, 1))]),
        {"x": "2020-01-01"},
    ),
    "DateRange at most": (
        lambda: DateField(validators=[validators.DateRange(max=date(2026, 1, 1))]),
        {"x": "2030-01-01"},
    ),
    "Disabled": (lambda: StringField(validators=[validators.Disabled()]), TYPED),
    "Email": (lambda: StringField(validators=[validators.Email()]), TYPED),
    "EqualTo": (lambda: StringField(validators=[validators.EqualTo("y")]), TYPED),
    "IPAddress": (lambda: StringField(validators=[validators.IPAddress()]), TYPED),
    "InputRequired": (lambda: StringField(validators=[validators.InputRequired()]), {}),
    "Length at least one": (lambda: StringField(validators=[validators.Length(1)]), {"x": ""}),
    "Length at least": (lambda: StringField(validators=[validators.Length(5)]), TYPED),
    "Length at most one": (lambda: StringField(validators=[validators.Length(max=1)]), TYPED),
    "Length at most": (
        lambda: StringField(validators=[validators.Length(max=2)]),
        {"x": "panjang"},
    ),
    "Length exactly one": (lambda: StringField(validators=[validators.Length(1, 1)]), TYPED),
    "Length exactly": (lambda: StringField(validators=[validators.Length(5, 5)]), TYPED),
    "Length": (lambda: StringField(validators=[validators.Length(5, 9)]), TYPED),
    "MacAddress": (lambda: StringField(validators=[validators.MacAddress()]), TYPED),
    "NoneOf": (lambda: StringField(validators=[validators.NoneOf(["zz"])]), TYPED),
    "NumberRange": (lambda: IntegerField(validators=[validators.NumberRange(1, 9)]), {"x": "70"}),
    "NumberRange at least": (
        lambda: IntegerField(validators=[validators.NumberRange(min=1)]),
        {"x": "0"},
    ),
    "NumberRange at most": (
        lambda: IntegerField(validators=[validators.NumberRange(max=1)]),
        {"x": "7"},
    ),
    "ReadOnly": (lambda: StringField(validators=[validators.ReadOnly()]), TYPED),
    "Regexp": (lambda: StringField(validators=[validators.Regexp("a")]), TYPED),
    "URL": (lambda: StringField(validators=[validators.URL()]), TYPED),
    "UUID": (lambda: StringField(validators=[validators.UUID()]), TYPED),
    "DateField": (DateField, TYPED),
    "DateTimeLocalField": (DateTimeLocalField, TYPED),
    "DecimalField": (DecimalField, TYPED),
    "DecimalRangeField": (DecimalRangeField, TYPED),
    "FloatField": (FloatField, TYPED),
    "IntegerField": (IntegerField, TYPED),
    "IntegerRangeField": (IntegerRangeField, TYPED),
    "MonthField": (MonthField, TYPED),
    "RadioField": (lambda: RadioField(choices=CHOICES), TYPED),
    "SelectField": (lambda: SelectField(choices=CHOICES), TYPED),
    "SelectField of numbers": (lambda: SelectField(choices=CHOICES, coerce=int), TYPED),
    "SelectMultipleField": (lambda: SelectMultipleField(choices=CHOICES), TYPED),
    "SelectMultipleField of numbers": (
        lambda: SelectMultipleField(choices=CHOICES, coerce=int),
        TYPED,
    ),
    "TimeField": (TimeField, TYPED),
    "WeekField": (WeekField, TYPED),
    "FileRequired": (lambda: FileField(validators=[flask_wtf_file.FileRequired()]), {}),
}
# They ask for nothing, stand in for other classes, take whatever is typed, or are obsolete.
SILENT = {
    "BooleanField",
    "ButtonField",
    "ColorField",
    "DateTimeField",
    "EmailField",
    "Field",
    "FieldList",
    "FileField",
    "FormField",
    "HiddenField",
    "MultipleFileField",
    "Optional",
    "PasswordField",
    "SearchField",
    "SelectFieldBase",
    "StopValidation",
    "StringField",
    "SubmitField",
    "TelField",
    "TextAreaField",
    "URLField",
    "ValidationError",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return an application whose database nobody asks."""
    folder = tmp_path_factory.mktemp("forms")
    return create_app(settings_for(folder, "sqlite://"))


@contextmanager
def a_request(app: Flask, data: dict[str, str] | None = None) -> Iterator[None]:
    """Be in a request that sends a form."""
    with app.test_request_context("/masuk", method="POST", data=data or {}):
        yield


def make(field: Any) -> type[PortalForm]:
    """Return a form with one field, without its token."""
    meta = type("Meta", (PortalForm.Meta,), {"csrf": False})
    return type("Asked", (PortalForm,), {"x": field, "y": StringField("Sandi"), "Meta": meta})


def complaints(field: Any, data: dict[str, str]) -> list[str]:
    """Return what the form says about an input."""
    form = make(field)(MultiDict(data))
    assert not form.validate()
    return [str(error) for error in form.x.errors]


def test_every_validator_and_field_of_the_library_is_tried_or_known_to_be_silent() -> None:
    everything = {
        name
        for module, kind in ((wtforms.validators, object), (wtforms.fields, Field))
        for name in module.__all__
        if inspect.isclass(thing := getattr(module, name))
        and issubclass(thing, kind)
        and name == thing.__name__
    }
    tried = {name.partition(" ")[0] for name in COMPLAINTS}
    assert everything - tried - SILENT == set()


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_library_complaint_is_made_in_indonesian(app: Flask, name: str) -> None:
    field, data = COMPLAINTS[name]
    with a_request(app):
        with i18n.in_language("en"):
            english = complaints(field(), data)
        indonesian = complaints(field(), data)
    assert english
    assert len(english) == len(indonesian)
    for one, other in zip(english, indonesian, strict=True):
        assert one != other
        assert "%(" not in other


@pytest.mark.parametrize("value", [None, "", "   ", "\n\t"])
def test_a_needed_answer_says_what_it_is_needed_for(app: Flask, value: str | None) -> None:
    with a_request(app):
        asked = StringField(validators=[Needed("Tulis nama sekolah.")])
        found = complaints(asked, {} if value is None else {"x": value})
    assert found == ["Tulis nama sekolah."]


def test_a_needed_answer_that_cannot_be_read_is_not_asked_for_twice(app: Flask) -> None:
    with a_request(app):
        found = complaints(IntegerField(validators=[Needed("Tulis jumlah.")]), {"x": "banyak"})
    assert len(found) == 1
    assert found != ["Tulis jumlah."]


@pytest.mark.parametrize("value", ["0", "x", "Ya"])
def test_any_answer_will_do(app: Flask, value: str) -> None:
    with a_request(app):
        form = make(StringField(validators=[Needed("Tulis nama.")]))(MultiDict({"x": value}))
        assert form.validate()


@pytest.mark.parametrize("typed", ["9" * 400, "9" * 5000, "-" + "9" * 400, "2147483648"])
def test_a_figure_that_no_column_holds_is_none(app: Flask, typed: str) -> None:
    with a_request(app):
        field = IntegerField(validators=[validators.Optional(), validators.NumberRange(0, 9)])
        form = make(field)(MultiDict({"x": typed}))
        assert not form.validate()
        assert str(form.x.errors[0]) == i18n.gettext("Not a valid integer value.")
        assert f'value="{typed}"' in str(form.x())


@pytest.mark.parametrize("typed", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_that_cannot_be_reckoned_with_is_none(app: Flask, typed: str) -> None:
    with a_request(app):
        form = make(DateField(validators=[Needed("Pilih hari.")]))(MultiDict({"x": typed}))
        assert not form.validate()
        assert [str(error) for error in form.x.errors] == [i18n.gettext("Not a valid date value.")]
        assert typed in str(form.x())


@pytest.mark.parametrize("typed", ["1900-01-01", "2199-12-31"])
def test_days_of_living_people_are_fine(app: Flask, typed: str) -> None:
    with a_request(app):
        assert make(DateField())(MultiDict({"x": typed})).validate()


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(app: Flask) -> None:
    with a_request(app):
        form = make(StringField())(MultiDict({"x": "1234"}))
        assert form.validate()
        form.attach(Rejected("out_of_bounds", "x", least=1, most=1000))
        assert [str(error) for error in form.x.errors] == [
            i18n.gettext("Enter a figure between %(least)s and %(most)s.", least="1", most="1.000")
        ]
        assert form.x.data == "1234"
        assert "1234" in str(form.x())


def test_a_refusal_of_the_whole_stands_above_the_form(app: Flask) -> None:
    with a_request(app):
        form = make(StringField())(MultiDict({"x": "1"}))
        form.validate()
        form.attach(Rejected("not_allowed"))
        form.attach(Rejected("state_changed", "no_such_field"))
        assert form.x.errors in ((), [])
        assert len(form.form_errors) == 2


def test_a_reply_tells_a_mistake_from_a_switch_of_language(app: Flask) -> None:
    with a_request(app, {"x": ""}):
        assert make(StringField())().reply_status == 422
    with a_request(app, {"x": "", "bahasa": "en"}):
        form = make(StringField(validators=[Needed("Tulis.")]))()
        assert form.reply_status == 200
        assert not form.validate_on_submit()
        assert form.errors == {}


@pytest.mark.parametrize(
    ("typed", "kept"), [(" Ratna \n", "Ratna"), ("", ""), (None, None), ("a\x00b", "ab")]
)
def test_blanks_around_an_answer_are_dropped(typed: str | None, kept: str | None) -> None:
    assert stripped(typed) == kept


@pytest.mark.usefixtures("app")
def test_every_form_of_the_portal_speaks_through_our_catalogue() -> None:
    found = {form for form in descendants(Form) if form.__module__.startswith("portal.")}
    assert len(found) > 8
    ours = PortalForm.Meta.get_translations
    # Also the small forms that are a part of another one.
    assert {form for form in found if form.Meta.get_translations is not ours} == set()


@pytest.mark.usefixtures("app")
def test_lists_of_fields_count_only_what_our_pages_send() -> None:
    lists = {
        field.field_class
        for form in descendants(Form)
        if form.__module__.startswith("portal.")
        for field in vars(form).values()
        if isinstance(field, UnboundField) and issubclass(field.field_class, FieldList)
    }
    assert len(lists) > 3
    assert {each for each in lists if not issubclass(each, EntryList)} == set()


def descendants(parent: type) -> Iterator[type]:
    """Yield all classes below another one."""
    for child in parent.__subclasses__():
        yield child
        yield from descendants(child)
