"""Pages of the register: schools, memoranda, the import."""

from portal.schools import exports
from portal.schools.routes import imports, mou, register
from portal.schools.routes.blueprint import bp
from portal.web import errors

blueprints = (bp,)
__all__ = ["blueprints", "imports", "mou", "register"]

errors.add_sentences(exports.REASONS)
