"""The same post as one would write it at first: stock handler, DRF model serializers, a look-up and a group_send each time."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "placet.settings")

import django
from django.core.asgi import get_asgi_application

django.setup()

from datetime import timedelta  # noqa: E402
from typing import Any  # noqa: E402

from asgiref.sync import async_to_sync  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.authentication import BaseAuthentication  # noqa: E402
from rest_framework.permissions import AllowAny  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from agents.models import ApiKey  # noqa: E402
from inbox.models import Message  # noqa: E402
from placet.lib.ids import hash_key, new_id  # noqa: E402
from reviews.models import Review  # noqa: E402


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> Any:
        digest = hash_key(request.headers["Authorization"].removeprefix("Bearer "))
        key = ApiKey.objects.select_related("user", "agent").get(key_hash=digest)
        key.last_used_at = timezone.now()
        key.save()
        return key.user, key


class ReviewSerializer(serializers.ModelSerializer[Review]):
    class Meta:
        model = Review
        fields = "__all__"
        read_only_fields = ("agent", "created_at", "expires_at", "responded_by")


class MessageSerializer(serializers.ModelSerializer[Message]):
    review = ReviewSerializer()

    class Meta:
        model = Message
        fields = "__all__"
        read_only_fields = ("agent", "sender_type", "created_at", "updated_at", "sender_user")


class Messages(APIView):
    authentication_classes = (KeyAuthentication,)
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        serializer = MessageSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        at, pk, agent = timezone.now(), new_id(), request.auth.agent
        fields = dict(serializer.validated_data)
        asked = {"created_at": at, "expires_at": at + timedelta(days=1), **fields.pop("review")}
        with transaction.atomic():
            review = Review.objects.create(id=pk, agent=agent, **asked)
            message = Message.objects.create(
                id=pk, agent=agent, review=review, sender_type="agent", created_at=at, updated_at=at, **fields
            )  # fmt: skip
        async_to_sync(get_channel_layer().group_send)("inbox", {"type": "created", "id": str(pk)})
        return Response(MessageSerializer(message).data, status=201)


settings.ROOT_URLCONF = "bench.naive"
# A thread for each request is a connection for each request; kept, they are soon more than PostgreSQL has.
settings.DATABASES["default"]["CONN_MAX_AGE"] = 0 if settings.DATABASE_URL else None
urlpatterns = [path("api/v1/messages", Messages.as_view())]
application = get_asgi_application()
