"""Finds the runs whose worker is gone and lets another attempt go on from their checkpoint."""

import logging
from datetime import timedelta

from brnet.runs import jobs

PATIENCE = timedelta(seconds=15)  # several heartbeats, so that a busy database takes nobody's job away

_log = logging.getLogger(__name__)


def reconcile(patience: timedelta = PATIENCE) -> int:
    """Put every run without a heartbeat back into the queue; how many there were."""
    found = jobs.requeue_silent(patience)
    if found:
        _log.warning("%d run(s) without a heartbeat for %s were put back", found, patience)
    return found
