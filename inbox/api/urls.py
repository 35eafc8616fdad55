"""`/api/v1`: what an agent with a key can do."""

from django.urls import path

from agents import api as agents
from files import api as one_file
from inbox.api import files, messages, reviews
from inbox.api.events import events
from inbox.api.wait import wait

app_name = "api"
urlpatterns = [
    path("agents", agents.Agents.as_view(), name="agents"),
    path("agents/<str:agent_id>", agents.Agent.as_view(), name="agent"),
    path("status/ping", agents.Ping.as_view(), name="ping"),
    path("events", events, name="events"),
    path("messages", messages.Messages.as_view(), name="messages"),
    path("messages/<str:message_id>", messages.Message.as_view(), name="message"),
    path("messages/<str:message_id>/ack", messages.Acknowledgement.as_view(), name="message-ack"),
    path("files", files.Files.as_view(), name="files"),
    path("files/upload", files.Upload.as_view(), name="files-upload"),
    path("files/store", files.Store.as_view(), name="files-store"),
    path("files/store-text", files.StoreText.as_view(), name="files-store-text"),
    path("files/<str:file_id>", one_file.File.as_view(), name="file"),
    path("files/<str:file_id>/download", one_file.Download.as_view(), name="file-download"),
    path("reviews/pending", reviews.PendingReviews.as_view(), name="reviews-pending"),
    path("reviews/<str:review_id>", reviews.Review.as_view(), name="review"),
    path("reviews/<str:review_id>/wait", wait, name="review-wait"),
    path("reviews/<str:review_id>/cancel", reviews.Cancellation.as_view(), name="review-cancel"),
]
