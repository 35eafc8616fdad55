"""`manage.py serve`: everything there is, in one process; with REDIS_URL only the web part, beside `celery -A placet worker -B`."""

import errno
import resource
import signal
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.services import setup
from placet.heads import BoundedHeads
from placet.lib.alone import AlreadyServing, serve_alone

#: For requests that are still being answered. With what the embedded worker gets for its tasks a supervisor's usual ten
#: seconds are enough.
LEAVE_SECONDS = 5


class Command(BaseCommand):
    help = "Migrate the database, then serve Placet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument(
            "--port", type=int, default=settings.PLACET_PORT, help="the port to listen on"
        )
        parser.add_argument(
            "--fd", type=int, help="instead of both: a listening socket handed over, 3 from systemd"
        )

    def handle(
        self, *args: Any, host: str, port: int, fd: int | None = None, **options: Any
    ) -> None:
        self._take_the_place()
        place = _bound(host, port) if fd is None else _handed_over(fd)
        call_command("migrate", interactive=False, verbosity=0)
        self._ensure_owner()
        self._greet(host if fd is None else place.getsockname()[0], place.getsockname()[1])
        embedded = _embedded()
        # After its own clean shutdown uvicorn raises the signal again; there is more to stop than the web server.
        signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            _server().run(sockets=[place])
        except KeyboardInterrupt:
            pass
        finally:
            if embedded is not None:
                embedded.stop()

    def _take_the_place(self) -> None:
        try:
            serve_alone()
        except AlreadyServing as refusal:
            raise CommandError(str(refusal)) from None

    def _ensure_owner(self) -> None:
        try:
            setup.ensure_owner_from_settings()
        except ImproperlyConfigured as refusal:
            raise CommandError(str(refusal)) from None

    def _greet(self, host: str, port: int) -> None:
        name = f"[{host}]" if ":" in host else host
        self.stdout.write(f"Placet listens on http://{name}:{port}")
        # Where nobody chose an address, the link leads to where we listen, whatever --port says.
        chosen = f"http://127.0.0.1:{settings.PLACET_PORT}" != settings.PLACET_URL
        if link := setup.setup_link("" if chosen else f"http://127.0.0.1:{port}"):
            self.stdout.write(f"Nobody is here yet. Create the owner at {link}")
        self.stdout.flush()


def _bound(host: str, port: int) -> socket.socket:
    """The address is ours before we say so. It listens only when the server runs: a client must not wait for a migration."""
    place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((host, port))
    except (OSError, OverflowError) as fault:
        place.close()
        if getattr(fault, "errno", None) == errno.EADDRINUSE:
            raise CommandError(f"Port {port} is taken; choose another with PLACET_PORT.") from None
        raise CommandError(f"Cannot listen on {host}:{port}: {fault}") from None
    return place


def _handed_over(fd: int) -> socket.socket:
    """Whoever holds it keeps what arrives between two of our lives: a restart refuses no connection."""
    try:
        place = socket.socket(fileno=fd)
        if place.family not in (socket.AF_INET, socket.AF_INET6):
            raise CommandError(f"--fd must be a TCP socket; {fd} is {place.family.name}.")
    except OSError as fault:
        raise CommandError(f"--fd must be a listening socket; {fd} is none: {fault}") from None
    return place


def _embedded() -> Any:
    if settings.REDIS_URL:
        return None
    from placet.embedded import Embedded

    embedded = Embedded()
    embedded.start()
    return embedded


def _server() -> uvicorn.Server:
    _allow_many_connections()
    return uvicorn.Server(
        uvicorn.Config(
            "placet.asgi:application",
            loop="uvloop",
            http=BoundedHeads,
            lifespan="on",
            ws="websockets-sansio",
            # Compression keeps a quarter of a megabyte for each socket, and a frame is a hundred bytes.
            ws_per_message_deflate=False,
            ws_max_size=16 * 1024,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=settings.PLACET_BEHIND_PROXY,
            forwarded_allow_ips="*" if settings.PLACET_BEHIND_PROXY else None,
            timeout_graceful_shutdown=LEAVE_SECONDS,
        )
    )


def _allow_many_connections() -> None:
    """A parked wait is an open file: take what the system grants."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
