"""What a file may be called. A name is shown and suggested, and never becomes a path."""

import re
import unicodedata

LONGEST = 255
LONGEST_EXTENSION = 20
NAMELESS = "file"


def clean_name(said: str) -> str:
    """The last part of whatever path was said, without characters that control something or turn letters around."""
    last = re.split(r"[/\\]", said)[-1]
    visible = "".join(sign for sign in unicodedata.normalize("NFC", last) if _is_seen(sign))
    name = " ".join(visible.split())
    return _shortened(name) if name.strip(". ") else NAMELESS


def extension_of(name: str) -> str:
    """ "png" for "Photo.PNG"; empty when there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem and len(extension) <= LONGEST_EXTENSION else ""


def _is_seen(sign: str) -> bool:
    # Cc: control, Cf: format (all that turns the order around, and what takes no room), Cs and Co: no character, Zl, Zp: new lines.
    return unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    extension = extension_of(name)
    tail = f".{extension}" if extension else ""
    return name[: LONGEST - len(tail)].rstrip() + tail
