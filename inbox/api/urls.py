"""`/api/v1`: what an agent with a key can do."""

from django.urls import path

from agents import api as agents
from inbox.api import messages, reviews
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
    path("reviews/pending", reviews.PendingReviews.as_view(), name="reviews-pending"),
    path("reviews/<str:review_id>", reviews.Review.as_view(), name="review"),
    path("reviews/<str:review_id>/wait", wait, name="review-wait"),
    path("reviews/<str:review_id>/cancel", reviews.Cancellation.as_view(), name="review-cancel"),
]
