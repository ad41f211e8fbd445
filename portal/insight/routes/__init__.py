"""Pages of figures: coverage, reports, cases, and each of them as a workbook."""

from portal.insight.routes import cases, coverage, gap, obstacles, reports
from portal.insight.routes.blueprint import bp

blueprints = (bp,)
__all__ = ["blueprints", "cases", "coverage", "gap", "obstacles", "reports"]
