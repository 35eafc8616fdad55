"""What stands above every page while a webhook is off that nobody has switched off."""

from django.http import HttpRequest, HttpResponse

from accounts.auth import human
from inbox.views.door import for_people, render
from webhooks.selectors import switched_off_by_us


@for_people
def told(request: HttpRequest) -> HttpResponse:
    found = switched_off_by_us(human(request))
    return render(request, "webhooks/_told.html", {"endpoints": found})
