"""Every job by name, and how often the scheduled ones run (seconds)."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.briefs import jobs as briefs
from portal.config import Settings


def job_functions(settings: Settings, adapters: Any) -> Mapping[str, Callable[..., None]]:
    """Job name → function, with the outside world already handed in."""
    return {"briefs.tend_briefs": briefs.tend_briefs}


SCHEDULE: Mapping[str, int] = {"briefs.tend_briefs": 300}
