"""Small real files, made by the libraries that make such files."""

import gzip
import io
import zipfile
from typing import Any

import docx
import openpyxl
import pptx
from PIL import Image

EXIF_ORIENTATION = 0x0112


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), *, turned: int = 1) -> bytes:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = turned
    more: dict[str, Any] = {"exif": exif} if turned != 1 else {}
    return written(lambda out: Image.new("RGB", size, "teal").save(out, kind, **more))


def word(text: str = "Signed by both sides.") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    return written(document.save)


def word_with_picture(content: bytes) -> bytes:
    document = docx.Document()
    document.add_picture(io.BytesIO(content))
    return written(document.save)


def printed(text: str) -> bytes:
    """A PDF of one page, as small as one with words can be."""
    drawn = f"BT /F 24 Tf 20 100 Td ({text}) Tj ET"
    parts = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Contents 4 0 R/Resources"
        "<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream ",
    )
    body = "".join(f"{n} 0 obj{part}endobj\n" for n, part in enumerate(parts, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>\n%%EOF".encode()


def sheet(rows: Any = (("Region", "Total"), ("eu", 41))) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    return written(book.save)


def slides(title: str = "Quarter three", *, picture: bytes = b"") -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = title
    if picture:
        slide.shapes.add_picture(io.BytesIO(picture), 0, 0)
    return written(show.save)


def archive(**entries: bytes) -> bytes:
    def write(out: Any) -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in (entries or {"a.txt": b"a"}).items():
                packed.writestr(name, content)

    return written(write)


def packed(content: bytes = b"x") -> bytes:
    return gzip.compress(content)


def written(write: Any) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


#: The beginning of each, as encoders write it; nothing here plays them.
MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 100
MOV = b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + b"\0" * 100
M4A = b"\0\0\0\x20ftypM4A \0\0\2\0isomiso2" + b"\0" * 100
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webm" + b"\0" * 50
MP3 = b"\xff\xfb\x90\x64" + b"\0" * 50
WAV = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 50
OGG = b"OggS\0\2" + b"\0" * 20 + b"\1vorbis" + b"\0" * 30
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512
