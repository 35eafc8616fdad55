"""Responding to a review. A plain form works; with scripts the same address answers with the card alone."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.auth import human
from inbox import selectors
from inbox.snapshots import MessageSnapshot
from inbox.views.door import for_people, render, wants_fragment
from inbox.views.filters import Filters
from inbox.views.inbox import whole
from placet.lib.errors import Invalid, NotFound
from reviews import services
from reviews.errors import AlreadySettled
from reviews.snapshots import ReviewSnapshot
from reviews.types.generic import RAW

#: Fields of the form that are no text of the human's.
MODIFIED = "modified."
NOT_TEXT = {"csrfmiddlewaretoken", "selectedOption", "selectedIds", "_dismissed"}


@require_POST
@for_people
def respond(request: HttpRequest, review_id: UUID) -> HttpResponse:
    actor = human(request)
    message = selectors.message_for(actor, review_id)
    if message.review is None:
        raise NotFound("No review on this message")
    feedback = request.POST.get("feedback", "")
    draft: dict[str, Any] = {}
    try:
        draft = _typed(message.review, request.POST)
        response = message.review.kind.from_form(message.review.payload, request.POST)
        services.respond(
            by=actor,
            review_id=review_id,
            response=response,
            feedback=feedback,
            modified_file_ids=_modified(request.POST),
        )
    except Invalid as refusal:
        errors = {error.path: error.message for error in refusal.errors}
        undrawn = any(path.startswith("modifiedFileIds") for path in errors)
        card = {"draft": draft, "errors": errors, "refusal": refusal, "feedback": feedback}
        card["undrawn"] = undrawn
        return _again(request, message, refusal.status, **card)
    except AlreadySettled as refusal:
        now_settled = selectors.message_for(actor, review_id)
        return _again(
            request,
            now_settled,
            refusal.status,
            lost=True,
            kept=_kept(message.review, request.POST),
        )
    return _next(request, review_id)


def _again(
    request: HttpRequest, message: MessageSnapshot, status: int, **card: Any
) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "inbox/_card.html", {"message": message, **card}, status=status)
    return whole(request, _filters_behind(request), message, status=status, **card)


def _next(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """With scripts: the settled card, and which one is next. Without: the next open question, or back to the chat."""
    actor, filters = human(request), _filters_behind(request)
    following = filters.following(actor, review_id)
    if wants_fragment(request):
        response = render(
            request, "inbox/_card.html", {"message": selectors.message_for(actor, review_id)}
        )
        response.headers["X-Placet-Next"] = str(following or "")
        return response
    if (path := _path_behind(request)).startswith("/chats/"):
        return redirect(f"{path}#m-{review_id}")
    where = reverse("inbox:message", args=[following]) if following else reverse("inbox:page")
    return redirect(where + filters.query)


def _modified(data: QueryDict) -> dict[str, str] | None:
    """Marked-up files, as fields of the form: `modified.<original>` names the file that stands for it."""
    named = {
        name.removeprefix(MODIFIED): str(data[name]) for name in data if name.startswith(MODIFIED)
    }
    return {original: changed for original, changed in named.items() if changed} or None


def _typed(review: ReviewSnapshot, data: QueryDict) -> dict[str, Any]:
    """What to show again when it is refused; a text that is no JSON yet travels as it is."""
    try:
        return review.kind.from_form(review.payload, data)
    except Invalid:
        return {RAW: data.get("json", "")}


def _kept(review: ReviewSnapshot, data: QueryDict) -> list[str]:
    """The loser's own words, to copy. A secret is not shown again."""
    secret = {f"field.{name}" for name in review.kind.secret_fields(review.payload)}
    return [
        str(text)
        for name, text in data.items()
        if name not in NOT_TEXT | secret and not name.startswith(MODIFIED) and str(text).strip()
    ]


def _path_behind(request: HttpRequest) -> str:
    return urlsplit(request.headers.get("Referer", "")).path


def _filters_behind(request: HttpRequest) -> Filters:
    """The page the form stood on keeps its filters."""
    return Filters.of(QueryDict(urlsplit(request.headers.get("Referer", "")).query))
