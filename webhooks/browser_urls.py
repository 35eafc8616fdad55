"""`/api`: endpoints and deliveries for a person with a session."""

from django.urls import path

from webhooks import browser_api

app_name = "webhooks-browser"
urlpatterns = [
    path("webhooks", browser_api.Endpoints.as_view(), name="endpoints"),
    path("webhooks/<str:endpoint_id>", browser_api.Endpoint.as_view(), name="endpoint"),
    path("webhooks/<str:endpoint_id>/rotate", browser_api.Rotate.as_view(), name="rotate"),
    path("webhooks/<str:endpoint_id>/test", browser_api.SendTest.as_view(), name="test"),
    path("deliveries", browser_api.Deliveries.as_view(), name="deliveries"),
    path("deliveries/replay-failed", browser_api.ReplayFailed.as_view(), name="replay-failed"),
    path("deliveries/<str:delivery_id>", browser_api.Delivery.as_view(), name="delivery"),
    path("deliveries/<str:delivery_id>/replay", browser_api.Replay.as_view(), name="replay"),
    path(
        "messages/<str:message_id>/retry", browser_api.RetryMessage.as_view(), name="retry-message"
    ),
]
