"""Alive, ready, described; and what is said to a name nobody answers to."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from placet import health, openapi


@pytest.fixture(autouse=True)
def _just_started() -> Iterator[None]:
    health._migrated.clear()
    yield
    health._migrated.clear()


@pytest.mark.django_db
def test_readiness_reads_the_migrations_until_all_are_known(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [3, 0]
    monkeypatch.setattr(health, "_pending_migrations", lambda: answers.pop(0))
    assert client.get("/ready").json() == {"status": "unavailable", "migrations": 3}
    assert [client.get("/ready").status_code for _ in range(3)] == [200, 200, 200]
    assert answers == []


@pytest.mark.django_db
def test_readiness_asks_the_database_each_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/ready").status_code == 200

    def gone() -> None:
        raise DatabaseError

    monkeypatch.setattr(health, "_ask_the_database", gone)
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "DatabaseError")


def test_the_description_is_written_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    get_schema: Any = SchemaGenerator.get_schema

    def counted(*args: Any, **kwargs: Any) -> Any:
        written.append(args)
        return get_schema(*args, **kwargs)

    monkeypatch.setattr(SchemaGenerator, "get_schema", counted)
    openapi._written.cache_clear()
    first, second = client.get("/api/schema"), client.get("/api/schema")
    assert first.content == second.content
    assert first.content.startswith(b"openapi: 3")
    assert len(written) == 1


def test_a_name_nobody_answers_to_is_refused_in_the_shape_of_the_api(client: Client) -> None:
    answer = client.get("/api/v1/agents", headers={"host": "wrong.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["message"] == "This server does not answer to wrong.example."


def test_a_name_nobody_answers_to_gets_a_calm_page(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = client.get("/inbox/", headers={"host": "wrong.example"})
    assert answer.status_code == 400
    assert b"That did not make sense" in answer.content
    told = [record for record in caplog.records if "wrong.example" in record.getMessage()]
    assert ["PLACET_ALLOWED_HOSTS" in record.getMessage() for record in told] == [True]
    assert all(record.exc_info is None for record in caplog.records)
