"""What monitoring does when something happens in cases, at schools, or in itself."""

from portal.monitoring.handlers import alerts, cases, plans, schedule

__all__ = ["alerts", "cases", "plans", "schedule"]
