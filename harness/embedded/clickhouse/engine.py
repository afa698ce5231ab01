"""The engine's connections: kept by their settings, each used by one query at a time, on worker threads."""

import asyncio
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chdb import _chdb

from harness.embedded.clickhouse.errors import ClickHouseError, from_engine
from harness.embedded.clickhouse.request import Query

THREADS = 8
IDLE_CONNECTIONS = 32
# The wheel's default reads a bare expression as a SELECT, which hides misspelt statements from whoever wrote them.
OPTIONS = "?implicit_select=0"
# The class of what reaches beyond the data: SET, USE, SYSTEM, temporary tables, files.
CONTROL = _chdb.query_class.CONTROL  # type: ignore[attr-defined, unused-ignore]
_OUTFILE = re.compile(r"\bINTO\s+OUTFILE\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a connection was set to when it was opened. Two queries with equal profiles may share it, so that nothing leaks."""

    database: str | None
    readonly: int
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A query's result in its format, and what it cost."""

    data: bytes
    read_rows: int
    read_bytes: int
    written_rows: int
    written_bytes: int
    elapsed_s: float


class Engine:
    """The database at one path; only one process may have it open."""

    def __init__(self, path: str, settings: Mapping[str, str] | None = None) -> None:
        """Open the database; `settings` hold for every query that does not set them itself."""
        self._path = path
        self._settings = tuple(({} if settings is None else settings).items())
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="query")
        self._idle: OrderedDict[Profile, list[Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._running = 0
        self._none_running = asyncio.Event()
        self._none_running.set()
        # Held open for as long as the process lives: the engine shuts the database down with its last connection.
        self._anchor = _connect(path)

    async def run(self, query: Query, readonly: int) -> Result:
        """Run one query under the user's `readonly`. Raises ClickHouseError.

        A query runs to its end even where the client has gone: the engine cannot be left in the middle of one.
        """
        self._running += 1
        self._none_running.clear()
        running = asyncio.get_running_loop().run_in_executor(self._threads, self._run, query, readonly)
        running.add_done_callback(self._count_down)
        return await asyncio.shield(running)

    async def drain(self) -> None:
        """Wait until no query runs, then close every connection: leaving the process earlier crashes it."""
        await self._none_running.wait()
        self._threads.shutdown()
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._anchor.close()

    def _count_down(self, _: object) -> None:
        self._running -= 1
        if self._running == 0:
            self._none_running.set()

    def _run(self, query: Query, readonly: int) -> Result:
        profile = Profile(query.database, readonly, query.settings)
        try:
            connection = self._take(profile)
            reusable = _check(connection, query, readonly)
            result = _execute(connection, query)
        except RuntimeError as error:
            raise from_engine(str(error)) from None
        # What SET, USE or CREATE TEMPORARY TABLE left in a connection must not reach the next query: it is not used again.
        if reusable:
            self._give_back(profile, connection)
        return result

    def _take(self, profile: Profile) -> Any:
        with self._lock:
            if idle := self._idle.get(profile):
                return idle.pop()
        connection = _connect(self._path)
        if profile.database is not None:
            _statement(connection, f"USE {_quoted(profile.database, '`')}")
        for name, value in self._settings:
            _statement(connection, f"SET {name} = {_quoted(value, chr(39))}")
        # Before the query's own, so that the engine itself refuses settings to a user who may not change them.
        if profile.readonly:
            _statement(connection, f"SET readonly = {profile.readonly}")
        for name, value in profile.settings:
            if not name.replace("_", "").isalnum():
                raise ClickHouseError(115, "UNKNOWN_SETTING", f"Unknown setting '{name}'.")
            _statement(connection, f"SET {name} = {_quoted(value, chr(39))}")
        return connection

    def _give_back(self, profile: Profile, connection: Any) -> None:
        unused: list[Any] = []
        with self._lock:
            self._idle.setdefault(profile, []).append(connection)
            self._idle.move_to_end(profile)
            while sum(map(len, self._idle.values())) > IDLE_CONNECTIONS:
                unused += self._idle.popitem(last=False)[1]
        for connection in unused:
            connection.close()


def _connect(path: str) -> Any:
    return _chdb.connect(path + OPTIONS)  # type: ignore[attr-defined, unused-ignore]


def _check(connection: Any, query: Query, readonly: int) -> bool:
    """Return whether the connection may be used again after this query. Raises ClickHouseError where the query is refused."""
    # Without its data, an INSERT parses only with its format.
    text = query.text if query.data is None else f"{query.text} FORMAT {query.data_format}"
    found = connection.classify_query(text)
    if found["statement_count"] > 1:
        raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
    if found["query_class"] == CONTROL:
        # The engine itself lets a reader write files by both of these.
        if _OUTFILE.search(query.text):
            raise ClickHouseError(358, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed.")
        if readonly:
            raise ClickHouseError(164, "READONLY", "Cannot execute query in readonly mode.")
    return bool(found["query_class"] != CONTROL)


def _execute(connection: Any, query: Query) -> Result:
    if query.data is not None:
        insert = connection.send_insert(query.text, query.data_format)
        if insert.has_error():
            raise from_engine(insert.error_message())
        connection.insert_append(insert, query.data)
        return _result(connection.insert_done(insert))
    return _result(connection.query(query.text, query.result_format, params=dict(query.parameters)))


def _result(result: Any) -> Result:
    return Result(
        data=result.bytes(),
        read_rows=result.storage_rows_read(),
        read_bytes=result.storage_bytes_read(),
        written_rows=result.rows_written(),
        written_bytes=result.bytes_written(),
        elapsed_s=result.elapsed(),
    )


def _statement(connection: Any, text: str) -> None:
    connection.query(text, "Null", params={})


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
