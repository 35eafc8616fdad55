"""What the browser may send about people. Meaning is checked by the services."""

from typing import Any

from placet.lib.shapes import Shape, Text, Truth

FIELDS = {
    "email": "email",
    "displayName": "display_name",
    "role": "role",
    "isActive": "is_active",
    "password": "password",
    "theme": "theme",
    "shortcuts": "shortcuts",
}


class Password(Text):
    """Spaces at its ends are part of it, and its rules belong to the services: a refusal here would echo it."""

    default_error_messages = {"invalid": "must be a string; got something else"}

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, write_only=True, **options)


class SignInIn(Shape):
    email = Text()
    password = Password()


class PasswordChange(Shape):
    currentPassword = Password()
    newPassword = Password()


class UserIn(Shape):
    email = Text()
    password = Password()
    displayName = Text(required=False, allow_blank=True)
    role = Text(required=False)


class UserChanges(Shape):
    email = Text(required=False)
    displayName = Text(required=False)
    role = Text(required=False)
    isActive = Truth(required=False)
    password = Password(required=False)


class PreferenceChanges(Shape):
    theme = Text(required=False)
    shortcuts = Truth(required=False)


def changes_in(body: dict[str, Any]) -> dict[str, Any]:
    """The fields we know, in our spelling."""
    return {ours: body[theirs] for theirs, ours in FIELDS.items() if theirs in body}
