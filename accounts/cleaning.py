"""What a name, an e-mail address and a password must be, whichever door they come through."""

from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from placet.lib.errors import Invalid

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_EMAIL = 254
LONGEST_NAME = 100
LONGEST_PASSWORD = 256


def clean_email(value: object, *, path: str = "email") -> str:
    email = str(value or "").strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid.field(path, f'must be an e-mail address; got "{email[:80]}"') from None
    if len(email) > LONGEST_EMAIL:
        raise Invalid.field(path, f"must be at most {LONGEST_EMAIL} characters; got {len(email)}")
    return email


def clean_name(value: object, *, path: str = "displayName", fallback: str = "") -> str:
    name = " ".join(str(value or "").replace("\0", " ").split()) or fallback
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid.field(path, f"must be 1 to {LONGEST_NAME} characters; got {len(name)}")
    return name


def clean_password(value: object, *, user: "User | None" = None, path: str = "password") -> str:
    """Never stripped and never echoed: a refusal says which rule, not which value."""
    password = value if isinstance(value, str) else ""
    if len(password) > LONGEST_PASSWORD:
        raise Invalid.field(
            path, f"must be at most {LONGEST_PASSWORD} characters; got {len(password)}"
        )
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid.field(path, " ".join(error.messages)) from None
    return password


def name_from(email: str) -> str:
    """ada.lovelace@example.org → Ada Lovelace: a name until the person gives another."""
    return email.partition("@")[0].replace(".", " ").replace("_", " ").title()
