"""Pages of operations: whether the portal lives, and what it does by itself."""

from portal.operations.routes import health, jobs
from portal.operations.routes.blueprint import bp

blueprints = (bp,)
__all__ = ["blueprints", "health", "jobs"]
