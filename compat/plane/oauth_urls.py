"""Mounted at /auth/o/, where the SDKs build these addresses from the root whatever prefix they were told."""

from django.urls import path

from compat.apps import doors
from compat.apps.snapshots import AppSnapshot
from compat.plane import installations

app_name = "plane-oauth"


def _installation(app: AppSnapshot) -> dict[str, str]:
    return {"app_installation_id": str(app.installation_id)}


urlpatterns = [
    path("authorize-app/", doors.authorize(_installation), name="authorize"),
    path("token/", doors.token, name="token"),
    path("revoke-token/", doors.revoke, name="revoke"),
    path("app-installation/", installations.Installations.as_view(), name="installations"),
]
