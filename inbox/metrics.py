"""What /metrics says of browsers."""

from prometheus_client import Gauge

from inbox import live
from placet.lib.metrics import PROCESS

Gauge(
    "placet_sockets_open", "Browser windows connected to this process.", registry=PROCESS
).set_function(live.open_sockets)
