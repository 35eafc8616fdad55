"""What a multipart form brings: fields, and files that are on the disk already when they are large."""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest
from rest_framework.parsers import BaseParser, DataAndFiles

from files.services.storing import Arrival
from placet.lib.errors import FieldError, Invalid

MULTIPART = "multipart/form-data"


class OnDisk(TemporaryFileUploadHandler):
    """Django's names the file on disk with the extension that the client chose, which may be longer than a name can be."""

    def new_file(self, *args: Any, **more: Any) -> None:
        FileUploadHandler.new_file(self, *args, **more)
        facts = (self.content_type, 0, self.charset, self.content_type_extra)
        self.file = TemporaryUploadedFile("upload", *facts)
        self.file.name = self.file_name


class UploadParser(BaseParser):
    """Django's own reading of the form, so that middleware and view see the same: fields in any order, files spooled."""

    media_type = MULTIPART

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        request: HttpRequest = parser_context["request"]._request
        _refuse_other_types(request)
        return DataAndFiles(request.POST, request.FILES)


def arrival_of(upload: UploadedFile) -> Arrival:
    return Arrival(content=upload, name=upload.name or "", declared_type=upload.content_type or "")


def the_file(form: Any) -> Arrival:
    """The form's one file, under the name every client uses."""
    upload = form.get("file")
    if not isinstance(upload, UploadedFile):
        fault = FieldError("file", "is required: a file, in a form field of this name")
        raise Invalid("No file provided", errors=[fault])
    return arrival_of(upload)


def _refuse_other_types(request: HttpRequest) -> None:
    if request.content_type != MULTIPART:
        got = request.content_type or "nothing"
        raise Invalid.field("body", f"must be a form sent as {MULTIPART}; got {got}")
