"""The description of the agent API. It follows from the code alone, so a process writes it once."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_written(), content_type=OpenApiYamlRenderer.media_type)


@cache
def _written() -> bytes:
    # Both are untyped upstream.
    generator: Any = SchemaGenerator
    renderer: Any = OpenApiYamlRenderer
    described = generator().get_schema(request=None, public=True)
    text: bytes = renderer().render(described, renderer_context={})
    return text
