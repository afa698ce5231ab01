"""Links to the real stores that a test can hold up and break, to see what the service makes of it."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from aiohttp import web


class Fault(Enum):
    """How an insert fails."""

    CUT = auto()
    """The connection breaks before the server has the rows."""
    REFUSED = auto()
    """The server answers with an error that may pass."""


@dataclass(slots=True)
class ClickHouseLink:
    """ClickHouse's HTTP interface, with faults on the inserts into each table."""

    target: str
    session: aiohttp.ClientSession = field(repr=False)
    faults: dict[str, Fault] = field(default_factory=dict)
    failures_left: int = 1_000_000
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    arrived: defaultdict[str, asyncio.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: asyncio.Semaphore(0))
    )
    inserts: list[tuple[str, bytes]] = field(default_factory=list)
    """The inserts that went through, in their order."""

    def hold(self, table: str) -> asyncio.Event:
        """Hold up the inserts into a table, until the event that is returned is set."""
        self.held[table] = asyncio.Event()
        return self.held[table]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        words = request.query.get("query", "").split()
        table = words[2] if words[:2] == ["INSERT", "INTO"] else ""
        self.arrived[table].release()
        if table in self.held:
            await self.held[table].wait()
        if table in self.faults and self.failures_left > 0:
            self.failures_left -= 1
            return self._fail(self.faults[table], request)
        if table:
            self.inserts.append((table, body))
        headers = {name: value for name, value in request.headers.items() if name.startswith("X-ClickHouse")}
        url = f"{self.target}{request.path_qs.removeprefix('/')}"
        async with self.session.post(url, data=body, headers=headers) as answer:
            return web.Response(status=answer.status, body=await answer.read())

    def _fail(self, fault: Fault, request: web.Request) -> web.Response:
        if fault is Fault.CUT:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=500, text="Code: 252. DB::Exception: Too many parts. (TOO_MANY_PARTS)")


@asynccontextmanager
async def clickhouse_link(url: str) -> AsyncIterator[tuple[ClickHouseLink, str]]:
    """Hold a link to the ClickHouse of a URL, and the URL of the link."""
    place = urlsplit(url)
    async with aiohttp.ClientSession() as session:
        link = ClickHouseLink(f"http://{place.hostname}:{place.port}/", session)
        application = web.Application()
        application.router.add_route("*", "/", link.handle)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield link, _at_port(url, runner.addresses[0][1])
        finally:
            await runner.cleanup()


class PostgresLink:
    """PostgreSQL's port. What the server answers to the first connection that sends `hold_after` waits until `answers` is set."""

    def __init__(self, dsn: str) -> None:
        place = urlsplit(dsn)
        self._target = place.hostname, place.port
        self._dsn = dsn
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.hold_after: bytes | None = None
        self.holding = asyncio.Event()
        self.answers = asyncio.Event()

    @property
    def dsn(self) -> str:
        return _at_port(self._dsn, self._port)

    async def mend(self) -> None:
        """Take connections, always at the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break every connection and take no more."""
        assert self._server is not None
        self._server.close()
        while self._writers:
            for writer in self._writers:
                writer.transport.abort()
            await asyncio.sleep(0.005)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, server_writer}
        open_ = asyncio.Event()
        open_.set()
        ways = self._ask(reader, server_writer, open_), self._answer(server_reader, writer, open_)
        # A connection that breaks does so in both ways, each of which may raise.
        await asyncio.gather(*ways, return_exceptions=True)
        self._writers -= {writer, server_writer}

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, open_: asyncio.Event) -> None:
        with contextlib.closing(writer):
            while data := await reader.read(65536):
                if self.hold_after is not None and self.hold_after in data:
                    open_.clear()
                    self.hold_after = None
                    self.holding.set()
                writer.write(data)
                await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, open_: asyncio.Event) -> None:
        with contextlib.closing(writer):
            while data := await reader.read(65536):
                if not open_.is_set():
                    await self.answers.wait()
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def postgres_link(dsn: str) -> AsyncIterator[PostgresLink]:
    """Hold a link to the PostgreSQL of a DSN."""
    link = PostgresLink(dsn)
    await link.mend()
    try:
        yield link
    finally:
        link.answers.set()
        await link.cut()


def _at_port(url: str, port: int) -> str:
    place = urlsplit(url)
    user = place.netloc.rpartition("@")[0]
    return urlunsplit(place._replace(netloc=f"{user}@127.0.0.1:{port}"))
