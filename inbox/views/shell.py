"""What stands around every page, as fragments of its own."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from inbox import markdown
from inbox.views.door import for_people, render

LONGEST_PREVIEW = 50_000


@for_people
def rail(request: HttpRequest) -> HttpResponse:
    return render(request, "components/_counts.html")


@require_POST
@for_people
def preview(request: HttpRequest) -> HttpResponse:
    """Markdown as the agent's reader will see it: the same renderer as everywhere."""
    return HttpResponse(markdown.to_html(request.POST.get("text", "")[:LONGEST_PREVIEW]))
