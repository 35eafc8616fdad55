"""The least a server can do to keep a message with its question: one ASGI function, the raw driver, one transaction.

Run by uvicorn like the product, on a database the product has migrated, so its tables, indexes and triggers are paid for too.
No key, no validation, no event, nobody is told.
"""

import asyncio
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import uuid_utils.compat

DATABASE, AGENT = os.environ["BARE_DATABASE"], os.environ["BARE_AGENT"]
LITE = not DATABASE.startswith("postgres")
# SQLite has one writer; PostgreSQL gets as many connections as the product has threads.
_pool = ThreadPoolExecutor(1 if LITE else 4)
_local = threading.local()
REVIEW = ("id", "agent_id", "type", "payload", "status", "created_at", "expires_at", "sealed", "feedback", "responded_by_name")  # fmt: skip
MESSAGE = ("id", "agent_id", "sender_type", "sender_name", "text", "review_id", "delivery_status", "created_at", "updated_at")  # fmt: skip


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return await _lifespan(receive, send)
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    if not body:
        return await _answer(send, 200, b"")  # somebody asks whether it is up
    answer = await asyncio.get_running_loop().run_in_executor(_pool, _keep, orjson.loads(body))
    await _answer(send, 201, answer)


async def _answer(send: Any, status: int, answer: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


def _keep(message: Any) -> bytes:
    pk, at = uuid_utils.compat.uuid7(), datetime.now(UTC)
    key: Any = pk.hex if LITE else pk
    review = message["review"]
    payload = orjson.dumps(review["payload"]).decode()
    until = _at(at + timedelta(days=1))
    connection = _connection()
    if LITE:
        connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        _INSERT_REVIEW,
        (key, AGENT, review["type"], payload, "pending", _at(at), until, "", "", ""),
    )
    connection.execute(
        _INSERT_MESSAGE,
        (key, AGENT, "agent", "", message["text"], key, "sent", _at(at), _at(at)),
    )
    connection.commit()
    return orjson.dumps({"id": pk, "createdAt": at, **message})


def _insert(table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join(["?" if LITE else "%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"


_INSERT_REVIEW = _insert("reviews_review", REVIEW)
_INSERT_MESSAGE = _insert("inbox_message", MESSAGE)


def _connection() -> Any:
    if not hasattr(_local, "connection"):
        _local.connection = _lite() if LITE else psycopg.connect(DATABASE)
    return _local.connection


def _lite() -> sqlite3.Connection:
    connection = sqlite3.connect(DATABASE, isolation_level=None, timeout=20)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def _at(moment: datetime) -> Any:
    return str(moment.replace(tzinfo=None)) if LITE else moment
