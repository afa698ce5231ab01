"""Stands before a store, hands every byte on, and counts the queries among them: what the store gets, whatever the client thinks."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

# PostgreSQL's frontend messages that run something: a simple query with its text, and the execution of a prepared statement.
QUERY, EXECUTE, PARSE, BIND = b"Q", b"E", b"P", b"B"
SSL_REQUEST = 80877103
_HTTP_REQUEST = re.compile(rb"(?:GET|POST) /[^\r\n]* HTTP/1\.1\r\n")
_HTTP_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Count = Callable[[str], None]


class PostgresQueries:
    """Reads one connection's frontend messages. Source: PostgreSQL's documentation, chapter Frontend/Backend Protocol."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._data = b""
        self._started = False
        self._statements: dict[bytes, str] = {}
        self._bound = ""

    def feed(self, data: bytes) -> None:
        """Take in what the client sent."""
        self._data += data
        while message := self._next():
            self._take(*message)

    def _next(self) -> tuple[bytes, bytes] | None:
        # The messages before the session is started have no type.
        head = 1 if self._started else 0
        size = head + int.from_bytes(self._data[head : head + 4], "big")
        if len(self._data) < head + 4 or len(self._data) < size:
            return None
        kind, body, self._data = self._data[:head], self._data[head + 4 : size], self._data[size:]
        return kind, body

    def _take(self, kind: bytes, body: bytes) -> None:
        if not self._started:
            self._started = int.from_bytes(body[:4], "big") != SSL_REQUEST
        elif kind == QUERY:
            self._count(body.rstrip(b"\0").decode())
        elif kind == PARSE:
            name, text, *_ = body.split(b"\0")
            self._statements[name] = text.decode()
        elif kind == BIND:
            self._bound = self._statements.get(body.split(b"\0")[1], "")
        elif kind == EXECUTE:
            self._count(self._bound)


class HttpQueries:
    """Reads one connection's requests, whose bodies have a length."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._data = b""

    def feed(self, data: bytes) -> None:
        """Take in what the client sent."""
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[: end + 4]
            assert _HTTP_REQUEST.match(head), head
            length = _HTTP_LENGTH.search(head)
            size = len(head) + (int(length[1]) if length else 0)
            if len(self._data) < size:
                return
            self._count(self._data[len(head) : size].decode(errors="replace"))
            self._data = self._data[size:]


@asynccontextmanager
async def counting(url: str, reader: type[PostgresQueries] | type[HttpQueries]) -> AsyncIterator[tuple[str, list[str]]]:
    """Hold a proxy before the store at `url`; gives the URL to use instead, and the list that every query is added to."""
    parts = urlsplit(url)
    queries: list[str] = []

    async def serve(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        store, forth = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(_hand_on(client, forth, reader(queries.append).feed), _hand_on(store, back, None))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl(), queries
    server.close()


async def _hand_on(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, look: Callable[[bytes], None] | None
) -> None:
    while data := await source.read(1 << 16):
        if look is not None:
            look(data)
        sink.write(data)
        await sink.drain()
    sink.close()
