"""The pages of webhooks, mounted at the root: deliveries, endpoints in the settings, and what other pages fetch."""

from django.urls import path

from webhooks.pages import agent, deliveries, endpoints, ticks, told

app_name = "webhooks"
urlpatterns = [
    path("deliveries/", deliveries.page, name="deliveries"),
    path("deliveries/replay-failed/", deliveries.replay_failed, name="replay-failed"),
    path("deliveries/<uuid:delivery_id>/", deliveries.page, name="delivery"),
    path("deliveries/<uuid:delivery_id>/row/", deliveries.row, name="delivery-row"),
    path("deliveries/<uuid:delivery_id>/replay/", deliveries.replay, name="delivery-replay"),
    path("settings/webhooks/", endpoints.listing, name="endpoints"),
    path("settings/webhooks/new/", endpoints.create, name="endpoint-create"),
    path("settings/webhooks/<uuid:endpoint_id>/", endpoints.edit, name="endpoint"),
    path("settings/webhooks/<uuid:endpoint_id>/rotate/", endpoints.rotate, name="endpoint-rotate"),
    path("settings/webhooks/<uuid:endpoint_id>/switch/", endpoints.switch, name="endpoint-switch"),
    path("settings/webhooks/<uuid:endpoint_id>/test/", endpoints.send_test, name="endpoint-test"),
    path("settings/webhooks/<uuid:endpoint_id>/delete/", endpoints.delete, name="endpoint-delete"),
    path("settings/agents/<uuid:agent_id>/webhook/", agent.webhook, name="agent-webhook"),
    path("settings/agents/<uuid:agent_id>/webhook/remove/", agent.remove, name="agent-remove"),
    path("settings/agents/<uuid:agent_id>/webhook/rotate/", agent.rotate, name="agent-rotate"),
    path("settings/agents/<uuid:agent_id>/webhook/switch/", agent.switch, name="agent-switch"),
    path("settings/agents/<uuid:agent_id>/webhook/test/", agent.send_test, name="agent-test"),
    path("told/", told.told, name="told"),
    path("messages/<uuid:message_id>/delivery/", ticks.for_message, name="for-message"),
    path("messages/<uuid:message_id>/retry/", ticks.retry, name="message-retry"),
]
