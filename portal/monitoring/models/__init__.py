"""What is kept about a child's return to school."""

from portal.monitoring.models.alerts import Alert
from portal.monitoring.models.forms import FormAnswers, MonitoringForm, Reply, ReplyText
from portal.monitoring.models.instrument import Instrument
from portal.monitoring.models.plans import PlanReader, ReturnPlan
from portal.monitoring.models.watching import FollowUp, Watcher

__all__ = [
    "Alert",
    "FollowUp",
    "FormAnswers",
    "Instrument",
    "MonitoringForm",
    "PlanReader",
    "Reply",
    "ReplyText",
    "ReturnPlan",
    "Watcher",
]
