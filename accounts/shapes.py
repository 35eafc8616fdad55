"""What the browser may send about people. Meaning is checked by the services."""

from typing import Any

from rest_framework import serializers

from placet.lib.shapes import Shape

FIELDS = {
    "email": "email",
    "displayName": "display_name",
    "role": "role",
    "isActive": "is_active",
    "password": "password",
    "theme": "theme",
    "shortcuts": "shortcuts",
}


class Password(serializers.CharField):
    """Spaces at its ends are part of it, and its rules belong to the services: a refusal here would echo it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, write_only=True, **options)


class SignInIn(Shape):
    email = serializers.CharField()
    password = Password()


class PasswordChange(Shape):
    currentPassword = Password()
    newPassword = Password()


class UserIn(Shape):
    email = serializers.CharField()
    password = Password()
    displayName = serializers.CharField(required=False, allow_blank=True)
    role = serializers.CharField(required=False)


class UserChanges(Shape):
    email = serializers.CharField(required=False)
    displayName = serializers.CharField(required=False)
    role = serializers.CharField(required=False)
    isActive = serializers.BooleanField(required=False)
    password = Password(required=False)


class PreferenceChanges(Shape):
    theme = serializers.CharField(required=False)
    shortcuts = serializers.BooleanField(required=False)


def changes_in(body: dict[str, Any]) -> dict[str, Any]:
    """The fields we know, in our spelling."""
    return {ours: body[theirs] for theirs, ours in FIELDS.items() if theirs in body}
