"""Stored bytes on their way out. Whatever they are, nothing in them runs in an origin of ours."""

import secrets
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

import zipstream
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe

from files.names import extension_of
from files.ranges import Span, Unsatisfiable, spans_in
from files.snapshots import FileSnapshot, PictureSnapshot, preview_key
from files.storage import Source, storage
from placet.lib.errors import NotFound

POLICY = "sandbox; default-src 'none'"
#: How a page looks is in it, or it is not shown: nothing is fetched from anywhere.
PAGE_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
LOADABLE = {
    "application/ecmascript",
    "application/javascript",
    "application/wasm",
    "application/x-javascript",
    "text/css",
    "text/ecmascript",
    "text/javascript",
}
PICTURES = {"jpg": "image/jpeg", "webp": "image/webp"}
BLOCK = 2**16


def file_response(
    request: HttpRequest, file: FileSnapshot, *, as_attachment: bool = False
) -> HttpResponseBase:
    """The file, or the part of it that is asked for, or 304. All but inert types are only ever saved."""
    headers = _headers(file, as_attachment=as_attachment or not file.is_inert)
    response: HttpResponseBase | None = get_conditional_response(
        request, etag=_etag(file), last_modified=int(file.created_at.timestamp())
    )
    if response is None:
        response = _with_bytes(request, file)
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def picture_response(
    request: HttpRequest, file: FileSnapshot, picture: PictureSnapshot
) -> HttpResponseBase:
    """A picture of a preview: made by ourselves, and under the same guard all the same."""
    etag = f'"{file.sha256}-{picture.name}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        key, size = preview_key(file.storage_key, picture.name), picture.size
        response = _streamed(_Piece(_opened(key, Span(0, size)), size), size)
    kind = PICTURES[extension_of(picture.name)]
    for name, value in {**_guard(), "ETag": etag, "Content-Type": kind}.items():
        response.headers.setdefault(name, value)
    return response


def page_response(request: HttpRequest, file: FileSnapshot) -> HttpResponseBase:
    """An HTML file as it looks, for a frame of ours: in an origin of its own, without scripts, network or forms."""
    size = file.size
    response = _streamed(_Piece(_opened(file.storage_key, Span(0, size)), size), size)
    page = {"Content-Security-Policy": PAGE_POLICY, "Content-Type": "text/html; charset=utf-8"}
    for name, value in {**_guard(), **page, "X-Frame-Options": "SAMEORIGIN"}.items():
        response.headers[name] = value
    return response


def zip_response(files: Sequence[FileSnapshot], *, name: str) -> HttpResponseBase:
    """All of them in one archive, made while it is sent; nothing is compressed, for most of it is already."""
    archive = zipstream.ZipStream(compress_type=zipstream.ZIP_STORED)
    for file, entry in zip(files, _told_apart(files), strict=True):
        archive.add(_blocks(file), entry)
    response = StreamingHttpResponse(iter(archive), content_type="application/zip")
    for header, value in _guard().items():
        response.headers[header] = value
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _guard() -> dict[str, str]:
    # Kept by the browser and nobody else, which asks each time whether it may still be shown.
    return {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }


def _headers(file: FileSnapshot, *, as_attachment: bool) -> dict[str, str]:
    return {
        **_guard(),
        "Content-Type": _told_type(file),
        "Content-Disposition": content_disposition_header(as_attachment, file.filename) or "",
        "ETag": _etag(file),
        "Last-Modified": http_date(file.created_at.timestamp()),
        "Accept-Ranges": "bytes",
    }


def _told_type(file: FileSnapshot) -> str:
    """What may be loaded by its type alone is told as text: our pages load scripts and styles from this very host."""
    return _with_charset("text/plain" if file.mime_type in LOADABLE else file.mime_type)


def _with_charset(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _etag(file: FileSnapshot) -> str:
    return f'"{file.sha256}"'


def _with_bytes(request: HttpRequest, file: FileSnapshot) -> HttpResponseBase:
    try:
        spans = spans_in(_range_of(request, file), file.size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    if len(spans) > 1:
        return _several(file, spans)
    span = spans[0] if spans else Span(0, file.size)
    piece = _Piece(_opened(file.storage_key, span), span.length)
    response = _streamed(piece, span.length)
    if spans:
        response.status_code = 206
        response.headers["Content-Range"] = _content_range(span, file.size)
    return response


def _range_of(request: HttpRequest, file: FileSnapshot) -> str:
    """Of a GET, unless what the client has of the file is of another one."""
    condition = request.headers.get("If-Range")
    if request.method != "GET" or (condition and not _is_of(condition, file)):
        return ""
    return request.headers.get("Range", "")


def _is_of(condition: str, file: FileSnapshot) -> bool:
    if condition.startswith('"'):
        return condition == _etag(file)
    return parse_http_date_safe(condition) == int(file.created_at.timestamp())


def _several(file: FileSnapshot, spans: list[Span]) -> HttpResponseBase:
    boundary = secrets.token_hex(16)
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: {_told_type(file)}\r\n"
        f"Content-Range: {_content_range(span, file.size)}\r\n\r\n".encode()
        for span in spans
    ]
    end = f"\r\n--{boundary}--\r\n".encode()
    length = sum(map(len, heads)) + sum(span.length for span in spans) + len(end)
    response = _streamed(_Joined(_parts(file, heads, spans, end)), length)
    response.status_code = 206
    response.headers["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
    return response


def _content_range(span: Span, size: int) -> str:
    return f"bytes {span.start}-{span.stop - 1}/{size}"


def _streamed(source: Any, length: int) -> HttpResponseBase:
    response = FileResponse(source)
    response.headers["Content-Length"] = str(length)
    # What was guessed from a name it does not have.
    del response.headers["Content-Type"]
    return response


def _opened(key: str, span: Span) -> Source:
    try:
        source: Source = storage().open_at(key, span.start, span.length)
    except FileNotFoundError:
        # Deleted between its row and its bytes.
        raise NotFound("File not found") from None
    return source


def _parts(
    file: FileSnapshot, heads: list[bytes], spans: list[Span], end: bytes
) -> Generator[bytes, None, None]:
    for head, span in zip(heads, spans, strict=True):
        yield head
        yield from _read_out(_Piece(_opened(file.storage_key, span), span.length))
    yield end


def _blocks(file: FileSnapshot) -> Iterator[bytes]:
    yield from _read_out(_Piece(_opened(file.storage_key, Span(0, file.size)), file.size))


def _read_out(piece: "_Piece") -> Iterator[bytes]:
    try:
        yield from iter(lambda: piece.read(BLOCK), b"")
    finally:
        piece.close()


class _Piece:
    """So many bytes of a source, as a file that can only be read: FileResponse gives back its thread between two reads."""

    def __init__(self, source: Source, left: int) -> None:
        self._source, self._left = source, left

    def read(self, size: int) -> bytes:
        block = self._source.read(min(size, self._left)) if self._left else b""
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._source.close()


class _Joined:
    """Blocks one after the other, as a file that can only be read."""

    def __init__(self, blocks: Generator[bytes, None, None]) -> None:
        self._blocks = blocks

    def read(self, size: int) -> bytes:
        return next(self._blocks, b"")

    def close(self) -> None:
        # Closes what it is just reading. While another thread is still reading, that one lets go of it in the end.
        with suppress(ValueError):
            self._blocks.close()


def _told_apart(files: Iterable[FileSnapshot]) -> Iterator[str]:
    """Their names; "report (2).pdf" for the second of a name, upper and lower case alike."""
    taken: set[str] = set()
    for file in files:
        stem, extension = _split(file.filename)
        names = (file.filename if n == 1 else f"{stem} ({n}){extension}" for n in count(1))
        name = next(name for name in names if name.lower() not in taken)
        taken.add(name.lower())
        yield name


def _split(name: str) -> tuple[str, str]:
    extension = extension_of(name)
    cut = len(name) - len(extension) - 1
    return (name[:cut], name[cut:]) if extension else (name, "")
