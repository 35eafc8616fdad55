"""`/api/v1/files/<id>`: a file by its id, as its agent reads it."""

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from files import selectors
from files.serving import file_response
from files.wire import file_json
from placet.lib.rest import actor_of

RANGE = OpenApiParameter(
    "Range", str, OpenApiParameter.HEADER, description="`bytes=0-99`: 206 with those bytes."
)


class AttachmentOut(serializers.Serializer[object]):
    id = serializers.CharField()
    messageId = serializers.CharField(allow_null=True)
    channelId = serializers.CharField()
    pluginType = serializers.ChoiceField(choices=["@uax/image", "@uax/file"])
    filename = serializers.CharField()
    mimeType = serializers.CharField()
    size = serializers.IntegerField()
    storageKey = serializers.CharField()
    pluginData = serializers.DictField(allow_null=True)
    createdAt = serializers.DateTimeField()
    textContent = serializers.CharField(required=False)


class FileOut(AttachmentOut):
    sha256 = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    originalId = serializers.CharField(allow_null=True)


class File(APIView):
    @extend_schema(summary="What is known of one file", responses=FileOut, tags=["files"])
    def get(self, request: Request, file_id: str) -> Response:
        return Response(file_json(selectors.file_for(actor_of(request), file_id)))


class Download(APIView):
    @extend_schema(
        summary="The bytes of one file",
        description="With an ETag: `If-None-Match` answers 304, `If-Range` guards a range.",
        parameters=[RANGE],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tags=["files"],
    )
    def get(self, request: Request, file_id: str) -> HttpResponseBase:
        file = selectors.file_for(actor_of(request), file_id)
        return file_response(request._request, file)
