"""The registry of previews: how a file is shown without being downloaded, one small module a kind.

Nothing here knows Django or a row: what is made is made in a process of its own (`workshop`), which loads this package alone.
"""

from .archive import Archive
from .base import Preview, Refused
from .code import Code
from .data import Json
from .document import Document
from .image import Image
from .markup import Html, Markdown
from .native import Audio, Other, Svg, Video
from .pdf import Pdf
from .plain import Plain
from .slides import Slides
from .table import Table

__all__ = ["KINDS", "Preview", "Refused", "get", "of"]

#: The first that accepts a file shows it.
KINDS: tuple[Preview, ...] = (
    Image(),
    Svg(),
    Pdf(),
    Video(),
    Audio(),
    Document(),
    Table(),
    Slides(),
    Archive(),
    Markdown(),
    Html(),
    Json(),
    Code(),
    Plain(),
    Other(),
)
_by_slug = {kind.slug: kind for kind in KINDS}


def of(mime_type: str, filename: str) -> Preview:
    """How a file of that type is shown; what nobody accepts is a card with name, type and size."""
    return next(kind for kind in KINDS if kind.accepts(mime_type, filename))


def get(slug: str) -> Preview:
    return _by_slug[slug]
