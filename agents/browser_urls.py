"""The browser's JSON for API keys, mounted at /api/."""

from django.urls import path

from agents import browser_api

app_name = "keys-api"
urlpatterns = [
    path("api-keys", browser_api.Keys.as_view(), name="keys"),
    path("api-keys/<str:key_id>", browser_api.Key.as_view(), name="key"),
    path("api-keys/<str:key_id>/rotate", browser_api.Rotate.as_view(), name="key-rotate"),
]
