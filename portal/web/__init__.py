"""The Flask edge: the only place, with the features' routes and forms, that knows of HTTP."""

from portal.web import database

__all__ = ["database"]
