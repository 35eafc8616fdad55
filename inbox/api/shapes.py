"""The shapes of request and answer bodies: what is checked at the door and what the schema page shows."""

from rest_framework import serializers

from files.api import AttachmentOut
from placet.events.catalogue import PUBLIC
from placet.lib.shapes import Moment, ObjectField, OneOf, Shape, Text, Texts, WebAddress, Whole

STATUSES = ("info", "success", "warning", "error")


class CallbackIn(Shape):
    """An inline webhook, as older clients send it."""

    url = WebAddress(max_length=2000)
    method = Text(required=False, allow_null=True, max_length=10)
    headers = ObjectField(required=False, allow_null=True)


class ReviewIn(Shape):
    type = Text(max_length=64)
    payload = ObjectField(required=False, allow_null=True)
    expiresInSeconds = Whole(required=False, allow_null=True, min_value=1)
    expiresAt = Moment(required=False, allow_null=True)
    callback = CallbackIn(required=False, allow_null=True)


class TextAttachmentIn(Shape):
    """A text that becomes a file of the message."""

    content = Text(trim_whitespace=False)
    filename = Text(required=False, allow_null=True, allow_blank=True, max_length=1000)
    mimeType = Text(required=False, allow_null=True, allow_blank=True, max_length=200)


class TextFileIn(TextAttachmentIn):
    channelId = Text(required=False, allow_null=True, allow_blank=True, max_length=500)


class UploadIn(Shape):
    """The fields beside the file; of a form, so an empty one is none."""

    channelId = Text(required=False, allow_blank=True, max_length=500)
    text = Text(required=False, allow_blank=True, trim_whitespace=False)


class MessageIn(Shape):
    channelId = Text(required=False, allow_null=True, allow_blank=True, max_length=500)
    text = Text(required=False, allow_null=True, allow_blank=True, trim_whitespace=False)
    status = OneOf(STATUSES, required=False, allow_null=True)
    review = ReviewIn(required=False, allow_null=True)
    metadata = ObjectField(required=False, allow_null=True)
    webhookUrl = WebAddress(required=False, allow_null=True, allow_blank=True, max_length=2000)
    attachmentIds = Texts(required=False, allow_null=True)
    textAttachments = TextAttachmentIn(required=False, allow_null=True, many=True)
    clientId = Text(required=False, allow_null=True, max_length=200)


class HumanMessageIn(Shape):
    channelId = Text(required=False, allow_null=True, max_length=500)
    text = Text(required=False, allow_null=True, allow_blank=True, trim_whitespace=False)
    attachmentIds = Texts(required=False, allow_null=True)
    clientId = Text(required=False, allow_null=True, max_length=200)


class ResponseIn(Shape):
    response = ObjectField()
    feedback = Text(required=False, allow_null=True, allow_blank=True, trim_whitespace=False)
    modifiedFileIds = ObjectField(required=False, allow_null=True)


class PersonOut(serializers.Serializer[object]):
    id = serializers.CharField(allow_null=True)
    name = serializers.CharField()


class ReviewOut(serializers.Serializer[object]):
    type = serializers.CharField()
    payload = serializers.DictField()
    status = serializers.ChoiceField(choices=["pending", "completed", "expired", "cancelled"])
    expiresAt = serializers.DateTimeField()
    callback = serializers.DictField(allow_null=True)
    response = serializers.DictField(allow_null=True)
    feedback = serializers.CharField(allow_null=True)
    modifiedFileIds = serializers.DictField(allow_null=True)
    completedAt = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    settledAt = serializers.DateTimeField(allow_null=True)
    respondedBy = PersonOut(allow_null=True)


class MessageOut(serializers.Serializer[object]):
    id = serializers.CharField()
    channelId = serializers.CharField()
    senderType = serializers.ChoiceField(choices=["agent", "user"])
    senderId = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=STATUSES, allow_null=True)
    review = ReviewOut(allow_null=True)
    metadata = serializers.DictField(allow_null=True)
    clientId = serializers.CharField(allow_null=True)
    streamId = serializers.CharField(allow_null=True)
    streamState = serializers.CharField(allow_null=True)
    deliveryStatus = serializers.ChoiceField(
        choices=["sent", "webhook_delivered", "webhook_failed", "agent_received"]
    )
    iterationGroupId = serializers.CharField(allow_null=True)
    iteration = serializers.IntegerField(allow_null=True)
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()
    attachments = AttachmentOut(many=True)


class MessagePageOut(serializers.Serializer[object]):
    data = MessageOut(many=True)  # type: ignore[assignment]  # a field called data shadows Serializer.data only in the stubs
    nextCursor = serializers.CharField(allow_null=True)


class WaitOut(serializers.Serializer[object]):
    status = serializers.ChoiceField(choices=["completed", "expired", "cancelled", "timeout"])
    message = MessageOut(required=False)


class EventOut(serializers.Serializer[object]):
    eventId = serializers.CharField()
    type = serializers.ChoiceField(choices=PUBLIC)
    channelId = serializers.CharField()
    recordedAt = serializers.DateTimeField()
    messageId = serializers.CharField(required=False)
    senderType = serializers.ChoiceField(choices=["agent", "user"], required=False)
    reviewType = serializers.CharField(required=False)
    status = serializers.CharField(required=False)
    statusMessage = serializers.CharField(required=False)
    runId = serializers.CharField(required=False)
    trigger = serializers.CharField(required=False)
    activityId = serializers.CharField(required=False)
    activityType = serializers.CharField(required=False)
    signal = serializers.CharField(required=False)
    message = MessageOut(required=False, allow_null=True)


class FeedOut(serializers.Serializer[object]):
    data = EventOut(many=True)  # type: ignore[assignment]  # as above
    nextCursor = serializers.CharField()
    gap = serializers.BooleanField()


class AcknowledgedOut(serializers.Serializer[object]):
    acknowledged = serializers.BooleanField()


class ErrorItemOut(serializers.Serializer[object]):
    path = serializers.CharField()
    message = serializers.CharField()


class ErrorOut(serializers.Serializer[object]):
    statusCode = serializers.IntegerField()
    message = serializers.CharField()
    code = serializers.CharField()
    errors = ErrorItemOut(many=True)  # type: ignore[assignment]  # Serializer.errors in the stubs
    timestamp = serializers.DateTimeField()
    path = serializers.CharField()
