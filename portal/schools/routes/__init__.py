"""Pages of the register: schools, memoranda, the calendar, the import."""

from portal.schools import exports
from portal.schools.routes import (
    calendar,
    classes,
    contact_log,
    contacts,
    imports,
    mou,
    naming,
    obligations,
    partnership,
    register,
)
from portal.schools.routes.blueprint import bp
from portal.web import errors

blueprints = (bp,)
__all__ = [
    "blueprints",
    "calendar",
    "classes",
    "contact_log",
    "contacts",
    "imports",
    "mou",
    "naming",
    "obligations",
    "partnership",
    "register",
]

errors.add_sentences(exports.REASONS)
