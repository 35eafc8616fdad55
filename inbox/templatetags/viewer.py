"""How the viewer words things."""

from django import template

from files.snapshots import FileSnapshot

register = template.Library()

ZOOMED = ("image.html", "svg.html", "pdf.html")
WORDS = {
    "image": "Picture",
    "svg": "Drawing",
    "pdf": "PDF document",
    "video": "Video",
    "audio": "Sound",
    "document": "Word document",
    "table": "Table",
    "slides": "Presentation",
    "archive": "Archive",
    "markdown": "Markdown text",
    "html": "HTML page",
    "json": "JSON data",
    "code": "Source code",
    "text": "Text",
}


@register.filter
def type_in_words(file: FileSnapshot) -> str:
    return WORDS.get(file.preview.kind, "File")


@register.filter
def zooms(name: str) -> bool:
    """Whether what this template shows can be made larger."""
    return name.endswith(ZOOMED)
