"""What a multipart form brings: fields, and files that are on the disk already when they are large."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from rest_framework.parsers import BaseParser, DataAndFiles

from files.services.storing import Arrival
from placet.lib.errors import Invalid

MULTIPART = "multipart/form-data"


class UploadParser(BaseParser):
    """Django's own reading of the form, so that middleware and view see the same: fields in any order, files spooled."""

    media_type = MULTIPART

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        request: HttpRequest = parser_context["request"]._request
        _refuse_other_types(request)
        try:
            return DataAndFiles(request.POST, request.FILES)
        except MultiPartParserError as broken:
            raise Invalid.field("body", f"must be a whole multipart form; {broken}") from None
        except SuspiciousOperation as refused:
            raise Invalid.field("body", f"must be a smaller form; {refused}") from None


def arrival_of(upload: UploadedFile) -> Arrival:
    return Arrival(content=upload, name=upload.name or "", declared_type=upload.content_type or "")


def the_file(form: Any) -> Arrival:
    """The form's one file, under the name every client uses."""
    upload = form.get("file")
    if not isinstance(upload, UploadedFile):
        raise Invalid("No file provided", errors=[_no_file()])
    return arrival_of(upload)


def _refuse_other_types(request: HttpRequest) -> None:
    if request.content_type != MULTIPART:
        got = request.content_type or "nothing"
        raise Invalid.field("body", f"must be a form sent as {MULTIPART}; got {got}")


def _no_file() -> Any:
    return Invalid.field("file", "is required: a file in a field of this name").errors[0]
