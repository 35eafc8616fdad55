"""`/api/v1`: an agent and its webhook. Before the agents' own routes, whose ids could be any word."""

from django.urls import path

from webhooks import api

app_name = "webhooks-api"
urlpatterns = [
    path("agents/setWebhook", api.SetWebhook.as_view(), name="set-webhook"),
    path("agents/deleteWebhook", api.DeleteWebhook.as_view(), name="delete-webhook"),
    path(
        "agents/rotateWebhookSecret",
        api.RotateWebhookSecret.as_view(),
        name="rotate-webhook-secret",
    ),
]
