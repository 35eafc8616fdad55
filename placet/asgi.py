"""The door for ASGI servers. Django must be set up before anything that routes to its apps is imported."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "placet.settings")
django.setup(set_prefix=False)

from placet.routing import application  # noqa: E402

__all__ = ["application"]
