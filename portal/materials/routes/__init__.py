"""Pages of materials: the library, stories, quizzes, parents, posters, the desk, campaigns."""

from portal.core import i18n
from portal.materials.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "blueprints",
]

errors.add_sentences({})
