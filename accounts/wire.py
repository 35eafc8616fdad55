"""People as the browser's JSON spells them."""

from typing import Any

from accounts.snapshots import UserSnapshot
from placet.lib.clock import iso


def signed_in_user(user: UserSnapshot) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "email": user.email,
        "displayName": user.display_name,
        "role": user.role,
        "mustChangePassword": user.must_change_password,
    }


def listed_user(user: UserSnapshot) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "email": user.email,
        "displayName": user.display_name,
        "role": user.role,
        "isActive": user.is_active,
        "createdAt": iso(user.created_at),
    }


def preferences(user: UserSnapshot) -> dict[str, Any]:
    return {
        "userId": str(user.id),
        "theme": user.theme,
        "shortcuts": user.shortcuts,
        "managementDashboard": False,
        "updatedAt": iso(user.updated_at),
    }
