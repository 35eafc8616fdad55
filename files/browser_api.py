"""`/api/files/<id>` and `/api/share/<token>`: files by their ids, for people and for whom they give a link."""

from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import BrowserView
from files import selectors
from files.services import leaving, marking, sharing
from files.serving import file_response, page_response, picture_response, zip_response
from files.wire import file_json, markup_json, preview_json
from placet.lib.errors import Invalid, NotFound
from placet.lib.shapes import Shape, Texts, parse
from placet.lib.wording import at_most, count


class IdsIn(Shape):
    ids = Texts()


class File(BrowserView):
    def get(self, request: Request, file_id: str) -> Response:
        return Response(file_json(selectors.file_for(self.by, file_id)))

    def delete(self, request: Request, file_id: str) -> Response:
        leaving.delete_file(by=self.by, file_id=file_id)
        return Response({"message": "Deleted"})


class Download(BrowserView):
    def get(self, request: Request, file_id: str) -> HttpResponseBase:
        """`?download` saves what would otherwise be shown."""
        file = selectors.file_for(self.by, file_id)
        wanted = "download" in request.query_params
        return file_response(request._request, file, as_attachment=wanted)


class Preview(BrowserView):
    def get(self, request: Request, file_id: str) -> Response:
        file = selectors.file_for(self.by, file_id)
        return Response(preview_json(file, selectors.contents_of(file)))


class PreviewPicture(BrowserView):
    def get(self, request: Request, file_id: str, name: str) -> HttpResponseBase:
        file = selectors.file_for(self.by, file_id)
        picture = file.preview.picture(name)
        if picture is None:
            raise NotFound("Picture not found")
        return picture_response(request._request, file, picture)


class Page(BrowserView):
    """How an HTML file looks, for a sandboxed frame."""

    def get(self, request: Request, file_id: str) -> HttpResponseBase:
        file = selectors.file_for(self.by, file_id)
        if file.preview.kind != "html":
            raise NotFound("This file is no page")
        return page_response(request._request, file)


class Marks(BrowserView):
    """What the person drew over a picture: all of it, each time, with the version it was drawn over."""

    def get(self, request: Request, file_id: str) -> Response:
        return Response(markup_json(selectors.markup_for(self.by, file_id)))

    def put(self, request: Request, file_id: str) -> Response:
        body: Any = request.data if hasattr(request.data, "get") else {}
        markup = marking.save_marks(
            by=self.by, file_id=file_id, version=body.get("version"), marks=body.get("marks")
        )
        return Response(markup_json(markup))


class DrawnMarks(BrowserView):
    def post(self, request: Request, file_id: str) -> Response:
        """The person is done: the picture with the marks in it is made, once for each version of them."""
        return Response(markup_json(marking.draw_marks(by=self.by, file_id=file_id)))


class Share(BrowserView):
    def get(self, request: Request, file_id: str) -> Response:
        token = sharing.share_token(by=self.by, file_id=file_id)
        lasts = int(sharing.LASTS.total_seconds())
        return Response({"url": f"{settings.PLACET_URL}/api/share/{token}", "expiresIn": lasts})

    def delete(self, request: Request, file_id: str) -> Response:
        sharing.revoke_links(by=self.by, file_id=file_id)
        return Response({"message": "Revoked"})


@extend_schema(exclude=True)
@method_decorator(never_cache, "dispatch")
class Shared(APIView):
    """Anybody who has the link saves the file; nothing is ever shown in place."""

    authentication_classes = []
    permission_classes = []

    def get(self, request: Request, token: str) -> HttpResponseBase:
        file = sharing.shared_file(token=token)
        return file_response(request._request, file, as_attachment=True)


class BulkDelete(BrowserView):
    def post(self, request: Request) -> Response:
        gone = leaving.delete_files(by=self.by, file_ids=_ids(request))
        return Response({"message": f"Deleted {count(gone, 'file')}"}, status=201)


class BulkDownload(BrowserView):
    def post(self, request: Request) -> HttpResponseBase:
        files = selectors.files_for(self.by, _ids(request))
        if not files:
            raise NotFound("File not found")
        return zip_response(files, name="files.zip")


def _ids(request: Request) -> list[str]:
    ids: list[str] = parse(IdsIn, request.data)["ids"]
    if len(ids) > selectors.MOST_AT_ONCE:
        raise Invalid.field("ids", at_most(selectors.MOST_AT_ONCE, "id", len(ids)))
    return ids
