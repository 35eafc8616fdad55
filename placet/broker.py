"""What a worker needs to outlive a broken connection to Redis. Celery and kombu 5.6 and 5.7 do not: what was begun on the old connection
is acknowledged, or put back, over a channel that is closed by then; that is an AttributeError, and the worker ends."""

from typing import Any

from kombu.transport import redis


class QoS(redis.QoS):
    def ack(self, delivery_tag: Any) -> None:
        if not self.channel.closed:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        if not self.channel.closed:
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]


def outlive_connections() -> None:
    redis.Channel.QoS = QoS
    # A hint that was lost with its connection is not put back: what it hinted at is still due, and somebody looks.
    redis.Channel.do_restore = False
