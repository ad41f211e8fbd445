"""Pages of trust: the trail, requests of data subjects, breaches, retention."""

from portal.auditlog.routes import breaches, letters, requests, retention, trail
from portal.auditlog.routes.blueprint import bp

blueprints = (bp,)
__all__ = ["blueprints", "breaches", "letters", "requests", "retention", "trail"]
