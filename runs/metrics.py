"""What /metrics says of runs."""

from placet.events import catalogue
from placet.events.models import Recorded
from placet.totals import tally
from runs.models import ActivityType, Trigger


def _begun(recorded: Recorded) -> str | None:
    is_run = recorded.type == catalogue.RunCreated.type
    return str(recorded.data["trigger"]) if is_run else None


def _happened(recorded: Recorded) -> str | None:
    is_activity = recorded.type == catalogue.RunActivity.type
    return str(recorded.data["activityType"]) if is_activity else None


tally.keep(
    tally.Counter(
        name="placet_runs_begun",
        said="Runs, by what opened them: a message, a mention, a delegation, or the agent itself.",
        label="trigger",
        of=_begun,
        values=Trigger.values,
    ),
    tally.Counter(
        name="placet_run_activities",
        said="What happened in runs, by its type.",
        label="type",
        of=_happened,
        values=ActivityType.values,
    ),
)
