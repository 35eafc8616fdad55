"""Another process that responds to reviews: reads ids from stdin, prints when each response was committed.

It goes through the service like any door, and talks to nobody else: how the news travels is what is measured.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "placet.settings")


def main() -> None:
    from accounts.models import User
    from reviews.services import respond

    owner = User.objects.order_by("pk").first()
    assert owner is not None
    for line in sys.stdin:
        respond(
            by=owner.as_actor(), review_id=line.strip(), response={"text": "Because it failed."}
        )
        print(time.perf_counter(), flush=True)


if __name__ == "__main__":
    django.setup()
    print("ready", flush=True)
    main()
