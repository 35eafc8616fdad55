"""Settings of a contender in a race: a second process on the first one's database."""

import os

_database = os.environ.pop("DATABASE_URL")
os.environ["DATABASE_URL"] = "" if _database.startswith("sqlite") else _database

from placet.settings import *  # noqa: E402, F403
from placet.settings import DATABASES  # noqa: E402

if _database.startswith("sqlite"):
    DATABASES["default"]["NAME"] = _database.removeprefix("sqlite:///")
else:
    # Two hundred threads share forty connections a process: PostgreSQL lets in a hundred by default.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 4, "max_size": 40, "timeout": 60}}
