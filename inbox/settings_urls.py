"""Settings, mounted at /settings/."""

from django.urls import path, register_converter
from django.views.generic import RedirectView

from inbox.settings_pages import agents, keys, profile, sessions, users
from placet.lib.ids import HashConverter

app_name = "settings"
register_converter(HashConverter, "hash")
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="settings:profile"), name="home"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.password, name="password"),
    path("appearance/", profile.appearance, name="appearance"),
    path("sessions/", sessions.listing, name="sessions"),
    path("sessions/end-others/", sessions.end_others, name="sessions-end-others"),
    path("sessions/<hash:session_id>/end/", sessions.end, name="session-end"),
    path("agents/", agents.listing, name="agents"),
    path("agents/new/", agents.create, name="agent-create"),
    path("agents/<uuid:agent_id>/", agents.edit, name="agent"),
    path("agents/<uuid:agent_id>/reviewers/", agents.reviewers, name="agent-reviewers"),
    path("agents/<uuid:agent_id>/delete/", agents.delete, name="agent-delete"),
    path("keys/", keys.listing, name="keys"),
    path("keys/issue/", keys.issue, name="key-issue"),
    path("keys/<uuid:key_id>/rotate/", keys.rotate, name="key-rotate"),
    path("keys/<uuid:key_id>/revoke/", keys.revoke, name="key-revoke"),
    path("users/", users.listing, name="users"),
    path("users/new/", users.create, name="user-create"),
    path("users/<uuid:user_id>/", users.edit, name="user"),
    path("users/<uuid:user_id>/reset-password/", users.reset_password, name="user-reset-password"),
    path("users/<uuid:user_id>/delete/", users.delete, name="user-delete"),
]
