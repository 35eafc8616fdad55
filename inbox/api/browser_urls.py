"""`/api`: what a person with a session can do in JSON."""

from django.urls import path

from inbox.api import browser, browser_agents, browser_files

app_name = "browser"
urlpatterns = [
    path("messages", browser.Messages.as_view(), name="messages"),
    path("messages/reviews", browser.Reviews.as_view(), name="reviews"),
    path("messages/<str:message_id>", browser.Message.as_view(), name="message"),
    path("messages/<str:message_id>/respond", browser.Respond.as_view(), name="message-respond"),
    path("files", browser_files.Files.as_view(), name="files"),
    path("files/upload", browser_files.Upload.as_view(), name="files-upload"),
    path("files/store", browser_files.Store.as_view(), name="files-store"),
    path("agents", browser_agents.Agents.as_view(), name="agents"),
    path("agents/stats", browser_agents.Stats.as_view(), name="agents-stats"),
    path("agents/<str:agent_id>", browser_agents.Agent.as_view(), name="agent"),
    path("agents/<str:agent_id>/stats", browser_agents.AgentStats.as_view(), name="agent-stats"),
    path("agents/<str:agent_id>/read", browser_agents.Read.as_view(), name="agent-read"),
]
