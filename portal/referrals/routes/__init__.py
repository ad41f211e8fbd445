"""Pages of referrals: of a case, of a provider who answers, and the list of providers."""

from portal.referrals.routes.blueprint import bp

blueprints = (bp,)
__all__ = ["blueprints"]
