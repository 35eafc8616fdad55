"""What /metrics says of questions and of those who wait for answers."""

from prometheus_client import Gauge

from placet.lib.metrics import PROCESS
from reviews import wait

Gauge(
    "placet_waits_parked",
    "Agents that wait in this process for a response (PLACET_WAITERS_MAX).",
    registry=PROCESS,
).set_function(wait.parked)
