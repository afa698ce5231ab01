"""Servers that are none: one that never answers, one that answers something else, one that stops answering in between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


@asynccontextmanager
async def _listening(handle: Handler) -> AsyncIterator[int]:
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        result = handle(reader, writer)
        if asyncio.iscoroutine(result):
            await result

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


def silent_server() -> "contextlib.AbstractAsyncContextManager[int]":
    """Hold a port that accepts connections and never says a word."""
    return _listening(lambda reader, writer: None)


def web_server(page: str) -> "contextlib.AbstractAsyncContextManager[int]":
    """Hold a port that answers every HTTP request with the same page, as a login page or a proxy does."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            body = page.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
            writer.close()

    return _listening(answer)


class Line:
    """A connection to another port that can be made to swallow everything."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cut = False

    def open(self) -> "contextlib.AbstractAsyncContextManager[int]":
        return _listening(self._pass_on)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            with contextlib.suppress(ConnectionError):
                await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))
        finally:
            far_writer.transport.abort()

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if not self.cut:
                sink.write(data)
                await sink.drain()
        sink.close()
