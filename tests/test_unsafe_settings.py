"""Unsafe settings refuse to start, with a sentence that says what to set. Real processes: the refusal is the product's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parent.parent
LONG = "x" * 50


def check(tmp_path: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PLACET_", "DJANGO_", "DATABASE_", "REDIS_"))
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**clean, "PLACET_DATA_DIR": str(tmp_path), **env},
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
        ({"DATABASE_URL": "postgres://x@127.0.0.1/x"}, "PLACET_SECRET_KEY must be set"),
        ({"REDIS_URL": "redis://127.0.0.1"}, "PLACET_SECRET_KEY must be set"),
    ],
)
def test_each_unsafe_setting_refuses_to_start(tmp_path: Path, env: dict[str, str], says: str):
    refused = check(tmp_path, **env)
    assert refused.returncode != 0
    assert says in refused.stderr


def test_https_makes_cookies_secure_and_sends_hsts(tmp_path: Path):
    code = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.SESSION_COOKIE_NAME)"
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
    assert run.stdout.split() == ["True", "True", "True", "__Host-placet_session"]
