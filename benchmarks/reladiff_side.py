"""reladiff with ClickHouse over HTTP; run by the interpreter that has reladiff, which need not have the harness.

One JSON line comes in: PostgreSQL's DSN, ClickHouse's URL, columns and settings. One comes out for each repetition: the seconds, the
differences, and how much of the time this adapter took itself.

The embedded engine speaks HTTP alone, so reladiff's ClickHouse class gets a connection that posts each query and gives its rows. What takes
the place of clickhouse-driver's own decoding is the splitting of TabSeparated lines: `adapter_s` is its CPU time, over all threads. The
engine has no `information_schema`: the one question that reladiff asks of it is answered from `system.columns`, as a server would. `final`
is a setting of the session, so that reladiff sees what FINAL shows. Another setting gives `%M` the meaning that reladiff relies on,
minutes: without it every time differs.
"""

import json
import re
import sys
import threading
import time
import urllib.parse
from http.client import HTTPConnection
from typing import Any, ClassVar

from reladiff import TableSegment, diff_tables
from reladiff.databases import clickhouse, connect
from sqeleton.databases.base import QueryError

SCHEMA = """
SELECT name, type, if(type LIKE '%DateTime64%', toUInt8OrNull(extract(type, 'DateTime64\\\\((\\\\d)')), NULL), NULL, NULL
FROM system.columns WHERE {}
"""
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ESCAPES = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t", "0": "\0"}


class HttpConnection:
    """What reladiff uses of a DB-API connection and of its cursor; one for each of reladiff's threads."""

    decode_s: ClassVar[float] = 0.0
    _lock = threading.Lock()

    def __init__(self, url: str, *, final: bool) -> None:
        address = urllib.parse.urlsplit(url)
        self._http = HTTPConnection(address.hostname or "", address.port)
        self._headers = {"X-ClickHouse-User": address.username or "", "X-ClickHouse-Key": address.password or ""}
        parameters = {
            "database": address.path[1:],
            "final": str(int(final)),
            "formatdatetime_parsedatetime_m_is_month_name": "0",
        }
        self._path = f"/?{urllib.parse.urlencode(parameters)}"
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[str]] = []

    def cursor(self) -> "HttpConnection":
        """Return what executes."""
        return self

    def execute(self, statement: str, _: object = None) -> None:
        """Run a query."""
        body = f"{statement} FORMAT TabSeparatedWithNamesAndTypes".encode()
        self._http.request("POST", self._path, body, self._headers)
        answer = self._http.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise QueryError(data.decode(errors="replace").splitlines()[0])
        started_s = time.thread_time()
        names, types, *lines, _ = data.decode().split("\n")
        whole = [n for n, kind in enumerate(types.split("\t")) if re.match(r"(Nullable\()?U?Int", kind)]
        self._rows = [_row(line) for line in lines]
        if whole:
            # All else that reladiff reads are texts.
            self._rows = [
                tuple(int(v) if n in whole and v is not None else v for n, v in enumerate(row)) for row in self._rows
            ]
        self.description = [(name,) for name in names.split("\t")]
        with self._lock:
            HttpConnection.decode_s += time.thread_time() - started_s

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows."""
        return self._rows


def _row(line: str) -> tuple[str | None, ...]:
    cells = line.split("\t")
    if "\\" not in line:
        return tuple(cells)
    return tuple([None if cell == "\\N" else _unescape(cell) if "\\" in cell else cell for cell in cells])


def _unescape(cell: str) -> str:
    return ESCAPE.sub(lambda match: ESCAPES.get(match[1], match[1]), cell)


class HttpClickhouse(clickhouse.Clickhouse):
    """reladiff's ClickHouse, over HTTP."""

    def __init__(self, url: str, *, final: bool, thread_count: int) -> None:
        self._url = url
        self._final = final
        super().__init__(thread_count=thread_count, database=urllib.parse.urlsplit(url).path[1:])

    def create_connection(self) -> HttpConnection:
        """Return a connection for one thread."""
        return HttpConnection(self._url, final=self._final)

    def select_table_schema(self, path: tuple[str, ...]) -> str:
        """Return the question for a table's columns."""
        database, table = self._normalize_table_path(path)
        return SCHEMA.format(f"database = '{database}' AND table = '{table}'")


def compare(asked: dict[str, Any]) -> dict[str, Any]:
    """Compare once, and return what it took."""
    threads = asked["threads"]
    HttpConnection.decode_s = 0.0
    theirs = HttpClickhouse(asked["clickhouse"], final=asked["final"], thread_count=threads)
    # reladiff sets the time zone of one connection of the pool only.
    settings = {"driver": "postgresql", "dsn": asked["postgres"], "options": "-c timezone=UTC"}
    ours = connect(settings, thread_count=threads, shared=False)
    columns = {"key_columns": tuple(asked["key"]), "extra_columns": tuple(asked["columns"])}
    # The first side's types decide: with ClickHouse first, times are cut and not rounded by way of a float, which is never exact.
    sides = (
        TableSegment(theirs, (asked["table"],), **columns, where=asked["where"]),
        TableSegment(ours, (asked["table"],), **columns),
    )
    started_s = time.monotonic()
    rows = list(
        diff_tables(
            *sides,
            threaded=True,
            max_threadpool_size=2 * threads,
            bisection_factor=asked["factor"],
            bisection_threshold=asked["threshold"],
            skip_sort_results=True,
        )
    )
    taken_s = time.monotonic() - started_s
    theirs.close()
    ours.close()
    found = sorted({row[len(asked["key"]) - 1] for _, row in rows})
    return {"seconds": taken_s, "rows": len(rows), "found": found, "adapter_s": HttpConnection.decode_s}


def main() -> None:
    """Answer the one question that standard input holds."""
    asked = json.loads(sys.stdin.readline())
    for _ in range(asked["repeat"]):
        print(json.dumps(compare(asked)), flush=True)


if __name__ == "__main__":
    main()
