"""One address for the page and for what is laid over another."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from accounts.auth import human
from inbox.viewer.bodies import body_of
from inbox.viewer.shown import shown_to
from inbox.views.door import for_people, render, wants_fragment


@for_people
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """`?sheet=2`, `?as=source` and `?find=words` choose what of it is shown."""
    shown = shown_to(human(request), file_id)
    template = "files/viewer_file.html" if wants_fragment(request) else "files/viewer.html"
    context = {"shown": shown, "file": shown.file, "body": body_of(shown.file, request.GET)}
    return render(request, template, {**context, "here": "file"})
