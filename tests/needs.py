"""What this machine can offer the tests: PostgreSQL, Redis, Chromium. Marks that skip where it cannot, and the words for it."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import psycopg
import pytest
import redis

from tests.processes import Process, clean_environment, free_port, until

POSTGRES_CANDIDATES = (
    "postgres://postgres@127.0.0.1:5432/postgres",
    "postgres://postgres:postgres@127.0.0.1:5432/postgres",
    "postgres://postgres@%2Fvar%2Frun%2Fpostgresql/postgres",
)
REDIS_DEFAULT = "redis://127.0.0.1:6379"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

WITHOUT = {
    "postgres": "no PostgreSQL that may create databases answers (PLACET_TEST_POSTGRES_URL, 127.0.0.1:5432 or the local socket)",
    "postgres_tools": "neither pg_dump nor pg_restore is on the PATH",
    "nginx": "no nginx is installed",
    "redis": "no redis-server is installed and none answers (PLACET_TEST_REDIS_URL or 127.0.0.1:6379)",
    "node": "no Node 20 or newer, or no npm, is installed: the SDKs of other platforms could not be driven",
    "chromium": "no Chromium is installed (PLACET_TEST_CHROMIUM or on the PATH)",
}


@cache
def postgres_url() -> str | None:
    """A URL whose user may create databases."""
    given = os.environ.get("PLACET_TEST_POSTGRES_URL")
    for url in [given] if given else POSTGRES_CANDIDATES:
        if _may_create_databases(url):
            return url
    return None


@cache
def redis_url() -> str | None:
    """A Redis that answers, without a database number."""
    url = os.environ.get("PLACET_TEST_REDIS_URL", REDIS_DEFAULT).rstrip("/")
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2) as client:
            client.ping()
    except (redis.RedisError, ValueError):
        return None
    return url


@cache
def chromium() -> str | None:
    """Where the browser is."""
    given = os.environ.get("PLACET_TEST_CHROMIUM")
    names = [given] if given else CHROMIUM_NAMES
    return next((path for name in names if (path := shutil.which(name))), None)


@cache
def nginx_binary() -> str | None:
    """Debian keeps it off the PATH of those who are not root."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@cache
def has_node() -> bool:
    """For the SDKs of other platforms; the product itself needs none."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = said.stdout.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= 20


def has_redis() -> bool:
    return bool(shutil.which("redis-server") or redis_url())


def missing() -> list[str]:
    """The names of what is not here."""
    have = {"postgres": postgres_url(), "redis": has_redis(), "chromium": chromium()}
    have |= {"postgres_tools": shutil.which("pg_restore"), "nginx": nginx_binary()}
    have |= {"node": has_node()}
    return [name for name, here in have.items() if not here]


class Redis:
    """A Redis for one test module: a throw-away server where one can be started, else the last database of the one there is.

    A server of its own is the better one: pub/sub crosses the borders between a server's databases.
    """

    def __init__(self, folder: Path) -> None:
        self._process: Process | None = None
        self._shared = f"{redis_url()}/15"
        if binary := shutil.which("redis-server"):
            self.port = free_port()
            arguments = [binary, "--port", str(self.port), "--save", "", "--appendonly", "no"]
            arguments += ["--dir", str(folder), "--bind", "127.0.0.1"]
            self._process = Process(arguments, env=clean_environment(), log=folder / "redis.log")
            self._process.launch()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0" if self._process else self._shared

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url)

    def __enter__(self) -> "Redis":
        until(self._answers)
        return self

    def stop(self) -> None:
        """As in a crash: everything it knew is gone."""
        if self._process:
            self._process.kill()

    def start(self) -> None:
        if self._process:
            self._process.launch()
            until(self._answers)

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
        else:
            self.client().flushdb()

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.ConnectionError:
            return False


class Database:
    """A PostgreSQL database that exists for one test module."""

    def __init__(self, name: str) -> None:
        self.name = name
        admin = postgres_url() or ""
        self.url = f"{admin.rpartition('/')[0]}/{name}"

    def __enter__(self) -> "Database":
        self._administer(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        self._administer(f'CREATE DATABASE "{self.name}"')
        return self

    def __exit__(self, *_: object) -> None:
        self._administer(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def connect(self) -> "psycopg.Connection":
        return psycopg.connect(self.url)

    def _administer(self, sql: str) -> None:
        with psycopg.connect(postgres_url() or "", autocommit=True) as connection:
            connection.execute(sql.encode())


def _may_create_databases(url: str) -> bool:
    sql = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            row = connection.execute(sql).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


postgres = pytest.mark.skipif(not postgres_url(), reason=WITHOUT["postgres"])
postgres_tools = pytest.mark.skipif(
    not shutil.which("pg_restore"), reason=WITHOUT["postgres_tools"]
)
node = pytest.mark.skipif(not has_node(), reason=WITHOUT["node"])
nginx = pytest.mark.skipif(not nginx_binary(), reason=WITHOUT["nginx"])
redis_server = pytest.mark.skipif(not has_redis(), reason=WITHOUT["redis"])
browser = pytest.mark.skipif(not chromium(), reason=WITHOUT["chromium"])
