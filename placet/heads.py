"""How long the head of a request may be. uvicorn's fast parser sets no limit of its own, and nobody has shown a key yet."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Room for cookies, a long search and what proxies add; other servers stop at 8 to 32 KiB.
LONGEST_HEAD = 64 * 1024


class BoundedHeads(HttpToolsProtocol):
    """Closes a connection whose request line, headers or trailers do not end, before they fill the memory."""

    # Bytes since the parser last had something to show for them.
    _fruitless = 0

    def data_received(self, data: bytes) -> None:
        self._fruitless += len(data)
        super().data_received(data)
        if self._fruitless > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_headers_complete(self) -> None:
        self._fruitless = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._fruitless = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._fruitless = 0
        super().on_message_complete()
