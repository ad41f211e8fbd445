"""The first pages: public, signed in, alarms, settings."""

from portal.home.routes import alarms, public, settings, today
from portal.home.routes.blueprint import bp

blueprints = (bp,)
__all__ = ["alarms", "blueprints", "public", "settings", "today"]
