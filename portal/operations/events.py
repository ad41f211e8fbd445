"""What happens around the portal's own work."""

from __future__ import annotations

from dataclasses import dataclass

from portal.core.events import Event


@dataclass(frozen=True)
class JobHurried(Event, action="job.hurried"):
    """Somebody had a job run at once."""

    job: str
