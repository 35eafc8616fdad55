"""Unsafe settings refuse to start. Run by every management command and by `serve`."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Warning, register

GENERATE = "Generate one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver", ".localhost"}


@register()
def refuse_unsafe_settings(**_: Any) -> list[Error]:
    return [
        Error(text, hint=hint, id=f"placet.E00{n}")
        for n, (bad, text, hint) in enumerate(_rules(), 1)
        if bad
    ]


@register()
def warn_of_strange_names(**_: Any) -> list[Warning]:
    hint = "docs/operate.md and .env.example name every setting."
    return [Warning(text, hint=hint, id="placet.W001") for text in settings.PLACET_STRANGE_NAMES]


def _rules() -> list[tuple[bool, str, str]]:
    hosts = set(settings.ALLOWED_HOSTS)
    return [
        (
            bool(settings.DEBUG and hosts - LOCAL),
            f"PLACET_DEBUG is on while the server answers to {', '.join(sorted(hosts - LOCAL))}.",
            "Unset PLACET_DEBUG, or let PLACET_ALLOWED_HOSTS name only this machine.",
        ),
        ("*" in hosts, 'PLACET_ALLOWED_HOSTS contains "*".', "Name the hosts people use."),
        (
            len(settings.SECRET_KEY) < 32,
            "PLACET_SECRET_KEY is shorter than 32 characters.",
            GENERATE,
        ),
        (
            any(len(key) < 32 for key in settings.PLACET_SEALING_KEYS),
            "A key in PLACET_SEALING_KEYS is shorter than 32 characters.",
            GENERATE,
        ),
        (
            0 < len(settings.PLACET_METRICS_TOKEN) < 32,
            "PLACET_METRICS_TOKEN is shorter than 32 characters.",
            GENERATE,
        ),
    ]
