"""Pages of Ruang Cerita; without an account, a log line or a lasting trace."""

from portal.hotline.routes import evidence, leaving, replies, sending, story
from portal.hotline.routes.blueprint import bp

blueprints = (bp,)
__all__ = ["blueprints", "evidence", "leaving", "replies", "sending", "story"]
