"""What an operator's script can do without a browser."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from agents.models import Agent, ApiKey


@pytest.mark.django_db
def test_an_agent_comes_with_a_key_that_speaks_for_it(
    ada: User, client: Client, capsys: pytest.CaptureFixture[str]
):
    call_command("create_agent", "Deploy pilot", owner="ADA@example.org")
    printed = json.loads(capsys.readouterr().out)
    assert printed["agent"]["name"] == "Deploy pilot"
    answer = client.post(
        "/api/v1/messages",
        {"text": "Hello from my agent!"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {printed['key']}"},
    )
    assert answer.status_code == 201
    assert answer.json()["channelId"] == printed["agent"]["id"]


@pytest.mark.django_db
def test_a_key_for_a_person_is_printed_alone(ada: User, capsys: pytest.CaptureFixture[str]):
    call_command("issue_key", user="ada@example.org", label="Laptop")
    key = capsys.readouterr().out.strip()
    row = ApiKey.objects.get()
    assert (key[:11], row.label, row.agent) == (row.key_prefix, "Laptop", None)


@pytest.mark.django_db
def test_a_key_is_bound_to_an_agent_of_that_person_only(ada: User, bob: User):
    call_command("create_agent", "Deploy pilot", owner="ada@example.org")
    agent = Agent.objects.get()
    call_command("issue_key", user="ada@example.org", agent=str(agent.pk))
    with pytest.raises(CommandError, match="Agent not found"):
        call_command("issue_key", user="bob@example.org", agent=str(agent.pk))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "words", "options", "says"),
    [
        ("create_agent", ["Pilot"], {"owner": "no@example.org"}, "no@example.org"),
        ("create_agent", [""], {"owner": "ada@example.org"}, "^name must not be empty"),
        ("issue_key", [], {"user": "no@example.org"}, "no@example.org"),
        ("issue_key", [], {"user": "ada@example.org", "label": ""}, "^label must be"),
        ("issue_key", [], {"user": "ada@example.org", "agent": "nope"}, 'Agent .*--agent "nope"'),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    ada: User, command: str, words: list[str], options: dict[str, str], says: str
):
    """It names the field and the value."""
    with pytest.raises(CommandError, match=says):
        call_command(command, *words, **options)
    assert not Agent.objects.exists()
    assert not ApiKey.objects.exists()
