"""What a token may do, in the words of the platforms whose agents come here. Pure."""

from collections.abc import Iterable

#: The words that both platforms' SDKs say when they are told nothing.
BROAD = {"read": "Read what its runs are about", "write": "Act in its runs"}
NARROW = {
    "profile:read": "Read its own profile and who is a member",
    "agents.runs:read": "Read its runs",
    "agents.runs:write": "Begin runs of its own",
    "agents.run_activities:read": "Read what happened in its runs",
    "agents.run_activities:write": "Think, act, ask and respond in its runs",
    "projects.work_items:read": "Read its conversations",
    "projects.work_items.comments:read": "Read the messages of its conversations",
    "comments:create": "Write messages in its conversation",
}
#: Granted because the platforms' agents ask for them. Nothing here asks for them: where an agent is mentioned and handed work
#: a person says elsewhere, and the rest cannot be done over these APIs.
IDLE = {
    "projects.work_items:write": "Change work items",
    "projects.work_items.comments:write": "Write comments on work items",
    "issues:create": "Create issues",
    "app:assignable": "Be assigned to issues",
    "app:mentionable": "Be mentioned in issues",
}
SCOPES = {**BROAD, **NARROW, **IDLE}
DEFAULT = ("read", "write")


def reach(scopes: Iterable[str]) -> frozenset[str]:
    """All that these words allow: a broad one stands for every one that reads, or does anything else."""
    said = {scope for scope in scopes if scope in SCOPES}
    reading = {scope for scope in SCOPES if scope.endswith(":read")}
    if "read" in said:
        said |= reading
    if "write" in said:
        said |= SCOPES.keys() - reading - BROAD.keys()
    return frozenset(said)


def granted(token: Iterable[str], app: Iterable[str]) -> frozenset[str]:
    """What a token may still do: never more than its app may now."""
    return reach(token) & reach(app)


def in_words(scopes: Iterable[str]) -> list[str]:
    """What comes of them, for who is asked for consent."""
    effective = {**BROAD, **NARROW}
    return [effective[scope] for scope in scopes if scope in effective]


def idle_among(scopes: Iterable[str]) -> list[str]:
    return [scope for scope in scopes if scope in IDLE]
