"""Pages of messages: the inbox, what one wants to be told, handing over, what did not leave."""

from portal.notifications.routes import failures, hand_over, inbox, preferences
from portal.notifications.routes.blueprint import bp

blueprints = (bp,)
__all__ = ["blueprints", "failures", "hand_over", "inbox", "preferences"]
