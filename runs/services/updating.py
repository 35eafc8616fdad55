"""What an agent says about its run as a whole: plan, summary, links. None of it changes the state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placet.lib.actors import Actor
from placet.lib.clock import now
from placet.lib.errors import Forbidden, Invalid
from placet.lib.wording import must_be
from runs.models import Run
from runs.plans import clean_links, clean_plan, clean_summary, with_added
from runs.selectors import row_for
from runs.services.changing import (
    change,
    refuse_who_was_shown_out,
    stale_at,
    told_update,
    until_first,
)
from runs.snapshots import RunSnapshot

FIELDS = ("plan", "summary", "links", "added_links", "removed_urls")


@until_first
def update_run(
    *, by: Actor, run_id: object, changes: Mapping[str, Any], at: datetime | None = None
) -> RunSnapshot:
    """Change some of plan, summary and links of the agent's own run. `links` replaces them all; then `added_links` and
    `removed_urls` are not looked at. A sign of life: the time it may be silent begins anew."""
    if not by.is_key:
        raise Forbidden("A run is updated with its agent's key.")
    row, at = row_for(by, run_id), at or now()
    refuse_who_was_shown_out(row)
    fields = _clean(row, changes)
    if not fields:
        return RunSnapshot.of(row)
    change(row, at=at, stale_at=stale_at(row, row.status, at), **fields)
    told_update(row, by=by)
    return RunSnapshot.of(row)


def _clean(row: Run, changes: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "plan" in changes:
        fields["plan"] = clean_plan(changes["plan"])
    if "summary" in changes:
        fields["summary"] = clean_summary(changes["summary"])
    if "links" in changes:
        fields["links"] = clean_links(changes["links"])
    elif changes.keys() & {"added_links", "removed_urls"}:
        fields["links"] = _edited(row, changes)
    return fields


def _edited(row: Run, changes: Mapping[str, Any]) -> list[dict[str, str]]:
    gone = _clean_urls(changes.get("removed_urls"))
    kept = [link for link in row.links if link["url"] not in gone]
    added = clean_links(changes.get("added_links"), path="addedLinks")
    return with_added(kept, added, path="addedLinks")


def _clean_urls(urls: object) -> set[str]:
    given = [] if urls is None else urls
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise Invalid.field("removedUrls", must_be("an array of strings", urls))
    return set(given)
