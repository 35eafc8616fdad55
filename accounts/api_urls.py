"""The browser's JSON, mounted at /api/."""

from django.urls import path

from accounts import api

app_name = "accounts-api"
urlpatterns = [
    path("auth/login", api.Login.as_view(), name="login"),
    path("auth/refresh", api.Refresh.as_view(), name="refresh"),
    path("auth/me", api.Me.as_view(), name="me"),
    path("auth/logout", api.Logout.as_view(), name="logout"),
    path("auth/change-password", api.ChangePassword.as_view(), name="change-password"),
    path("auth/ws-ticket", api.SocketTicket.as_view(), name="socket-ticket"),
    path("users", api.Users.as_view(), name="users"),
    path("users/<str:user_id>", api.User.as_view(), name="user"),
    path("preferences", api.Preferences.as_view(), name="preferences"),
]
