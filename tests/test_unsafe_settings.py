"""Unsafe settings refuse to start, with a sentence that says what to set. Real processes: the refusal is the product's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, clean_environment

pytestmark = pytest.mark.processes
LONG = "x" * 50


def check(tmp_path: Path, *command: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *(command or ("manage.py", "check"))],
        cwd=ROOT,
        env=clean_environment({"PLACET_SECRET_KEY": "", "PLACET_DATA_DIR": str(tmp_path), **env}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_defaults_start_and_make_a_secret_only_the_owner_can_read(tmp_path: Path):
    assert check(tmp_path).returncode == 0
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_name_without_a_value_means_not_set(tmp_path: Path):
    names = ("PLACET_DEBUG", "PLACET_URL", "PLACET_PORT", "PLACET_SEALING_KEYS", "DATABASE_URL")
    started = check(tmp_path, **dict.fromkeys(names, ""))
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"PLACET_DEBUG": "1", "PLACET_URL": "https://placet.example"}, "PLACET_DEBUG is on"),
        ({"PLACET_ALLOWED_HOSTS": "*"}, "PLACET_ALLOWED_HOSTS contains"),
        ({"PLACET_SECRET_KEY": "short"}, "PLACET_SECRET_KEY is shorter"),
        ({"PLACET_SEALING_KEYS": f"{LONG},short"}, "PLACET_SEALING_KEYS is shorter"),
        ({"PLACET_METRICS_TOKEN": "short"}, "PLACET_METRICS_TOKEN is shorter"),
        ({"DATABASE_URL": "postgres://x@127.0.0.1/x"}, "PLACET_SECRET_KEY must be set"),
        ({"REDIS_URL": "redis://127.0.0.1"}, "PLACET_SECRET_KEY must be set"),
    ],
)
def test_each_unsafe_setting_refuses_to_start(tmp_path: Path, env: dict[str, str], says: str):
    refused = check(tmp_path, **env)
    assert refused.returncode != 0
    assert says in refused.stderr


EACH_WRONG = {
    "PLACET_DATA_DIR": ("/dev/null/x", "must be a folder"),
    "PLACET_URL": ("placet.example.org", "must be http:// or https:// and a host"),
    "PLACET_PORT": ("99999", "must be a whole number, 1 to 65535"),
    "PLACET_DEBUG": ("maybe", "must be true or false"),
    "PLACET_LOG_LEVEL": ("LOUD", "must be one of DEBUG, INFO"),
    "PLACET_THREADS": ("0", "must be a whole number, 1 to"),
    "PLACET_RATE_PER_KEY": ("many", "must be a rate"),
    "PLACET_RATE_PER_ADDRESS": ("0/minute", "must be a rate"),
    "PLACET_OFFLINE_AFTER_SECONDS": ("-1", "must be a whole number, at least 1"),
    "PLACET_HANDLER": ("fast", "must be one of pooled, stock"),
    "DATABASE_URL": ("mysql://db/x", "must be postgres://"),
    "REDIS_URL": ("http://redis", "must be redis://"),
}


@pytest.mark.parametrize(
    "command",
    ["manage.py check", "manage.py migrate", "manage.py serve", "-m celery --app placet worker"],
)
def test_every_wrong_value_is_told_at_once_in_a_line_of_its_own(tmp_path: Path, command: str):
    values = {name: value for name, (value, _) in EACH_WRONG.items()}
    refused = check(tmp_path, *command.split(), **values)
    assert refused.returncode == 1
    lines = refused.stderr.splitlines()
    for name, (value, rule) in EACH_WRONG.items():
        assert [line for line in lines if line.startswith(f"{name} {rule}") and value in line], name
    assert "Traceback" not in refused.stderr


def test_an_impossible_folder_is_told_in_the_scaled_shape_too(tmp_path: Path):
    """There the secret is looked for before the faults are told."""
    refused = check(tmp_path, PLACET_DATA_DIR="/dev/null/x", REDIS_URL="redis://127.0.0.1")
    assert [line.split()[0] for line in refused.stderr.splitlines()] == [
        "PLACET_DATA_DIR",
        "PLACET_SECRET_KEY",
    ]


def test_a_password_in_a_refused_address_is_not_shown(tmp_path: Path):
    refused = check(tmp_path, DATABASE_URL="mysql://me:hush@db/x", REDIS_URL="http://:hush@redis")
    assert "DATABASE_URL must be" in refused.stderr
    assert "hush" not in refused.stderr


def test_a_database_file_named_by_url_is_opened_like_ours(tmp_path: Path):
    """Without IMMEDIATE writers fail at their first write instead of queueing."""
    shown = check(
        tmp_path,
        "manage.py",
        *("shell", "--no-imports", "--command"),
        "from django.conf import settings; print(settings.DATABASES['default']['NAME'],"
        " settings.DATABASES['default']['OPTIONS']['transaction_mode'])",
        DATABASE_URL=f"sqlite:///{tmp_path}/mine.sqlite3",
        PLACET_SECRET_KEY=LONG,
    )
    assert shown.stdout.split() == [f"{tmp_path}/mine.sqlite3", "IMMEDIATE"]


def test_a_name_that_is_no_setting_is_told_with_the_nearest_one(tmp_path: Path):
    warned = check(tmp_path, PLACET_DEBGU="1", PLACET_API_KEY="hp_an-agents-own")
    assert warned.returncode == 0
    assert "PLACET_DEBGU is not a setting; did you mean PLACET_DEBUG?" in warned.stderr
    assert "PLACET_API_KEY" not in warned.stderr


def test_https_makes_cookies_secure_and_sends_hsts_without_preload(tmp_path: Path):
    code = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.SECURE_HSTS_INCLUDE_SUBDOMAINS,"
        "s.SECURE_HSTS_PRELOAD, s.SESSION_COOKIE_NAME)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "placet.settings",
            "PLACET_DATA_DIR": str(tmp_path),
            "PLACET_URL": "https://placet.example",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.split() == ["True", "True", "True", "True", "False", "__Host-placet_session"]
