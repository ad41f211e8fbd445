"""The door for WSGI servers."""

from portal import create_app
from portal.config import Settings
from portal.core.schedule import Workshop
from portal.worker import wake_from_here

settings = Settings.from_env()
app = create_app(settings)
wake_from_here(Workshop(app.extensions["database"], settings))
