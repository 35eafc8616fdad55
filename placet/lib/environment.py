"""The environment, read with rules: every fault is told at once, in a line that names variable, rule and value."""

import difflib
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environs
import limits
from environs import ValidationError, validate

#: What a process needs that is to know nothing of ours: no address, no key, no password.
HARMLESS = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONHOME")
# Not settings: what agents, the tests and the benchmarks keep in the same environment.
NOT_OURS = re.compile(r"PLACET_(API_KEY$|INSIST$|TEST_|BENCH_)")


class Environment(environs.Env):
    """Until `seal()` a refused value reads as None, so whatever follows from a value comes after that."""

    def __init__(self, file: Path) -> None:
        super().__init__(eager=False)
        self._rules: dict[str, str] = {}
        self.read_env(file, recurse=False)

    def flag(self, name: str, default: bool) -> bool:
        self._rules[name] = "must be true or false"
        return self.bool(name, default)

    def whole(self, name: str, default: int, *, least: int = 1, most: int | None = None) -> int:
        rule = f"must be a whole number, {f'{least} to {most}' if most else f'at least {least}'}"
        self._rules[name] = rule
        return self.int(name, default, validate=validate.Range(min=least, max=most))

    def choice(self, name: str, default: str, *choices: str) -> str:
        rule = validate.OneOf(choices, error="must be one of {choices}")
        return self.str(name, default, validate=rule)

    def names(self, name: str, default: list[str]) -> list[str]:
        return self.list(name, default, subcast=lambda said: said.strip())

    def folder(self, name: str, default: Path, *, mode: int = 0o777, written: bool = False) -> Path:
        """A folder, made with `mode` when absent. The default has to be possible too."""
        path = Path(self.str(name, str(default)))
        try:
            path.mkdir(mode=mode, parents=True, exist_ok=True)
            if written and not os.access(path, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as fault:
            self.refuse(name, f"must be a folder one can make and write: {fault.strerror}")
        return path

    def refuse(self, name: str, rule: str) -> None:
        self._rules[name] = rule
        self._errors[name].append(rule)

    def strangers(self) -> Iterator[str]:
        """A sentence for each name that looks like a setting and is none: a typo is not ignored in silence."""
        for name in sorted({*self._environ, *os.environ}):
            if name.startswith("PLACET_") and name not in self._fields and not NOT_OURS.match(name):
                near = difflib.get_close_matches(name, self._fields, n=1)
                yield f"{name} is not a setting{f'; did you mean {near[0]}?' if near else '.'}"

    def seal(self) -> None:
        if faults := [self._fault(name, said[0]) for name, said in self._errors.items()]:
            # Not an exception that is shown below forty lines of how it came here.
            raise SystemExit("\n".join(faults))
        super().seal()

    def _fault(self, name: str, said: str) -> str:
        rule = self._rules.get(name, said)
        value = _without_password(self._get_value(name, self._values.get(name, "")))
        return f'{name} {rule}; got "{value}"' if value else f"{name} {rule}"

    def _get_value(self, env_key: str, default: Any) -> Any:
        # `NAME=` means "not set", in a compose file, in .env, and in a process that must not see a .env.
        value = super()._get_value(env_key, default)
        return default if value == "" else value


def harmless() -> dict[str, str]:
    """The environment for a process that handles what strangers sent."""
    return {name: os.environ[name] for name in HARMLESS if name in os.environ}


def address(text: str) -> None:
    """Where people reach it: a scheme and a host. Placet lives at the root of its host."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValidationError("must be http:// or https:// and a host, without a path")


def endpoint(text: str) -> None:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValidationError("must be http:// or https:// and a host")


def database(text: str) -> None:
    try:
        parts = urlsplit(text)
        good = parts.port != 0 and len(parts.path) > 1
    except ValueError:
        good = False
    if not good or parts.scheme not in ("postgres", "postgresql", "sqlite"):
        raise ValidationError("must be postgres://user:password@host:5432/name or sqlite:////path")


def redis(text: str) -> None:
    """What the channel layer, the limits and Celery all understand; a unix socket is spelled differently by each."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValidationError("must be redis://host:6379/0 or rediss://host:6379/0")


def rate(text: str) -> None:
    try:
        good = limits.parse(text).amount > 0
    except ValueError:
        good = False
    if not good:
        raise ValidationError("must be a rate such as 1200/minute or 10/5minute")


def _without_password(value: Any) -> str:
    return re.sub(r"://[^/@]*@", "://…@", str(value))
