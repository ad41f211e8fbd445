"""Pages of a child's return to school: of the case, of the school, of the teacher."""

from portal.core import i18n
from portal.monitoring.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "blueprints",
]

errors.add_sentences({})
