"""From an HTTP request to a query: a pure function."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.embedded.clickhouse.errors import ClickHouseError

DEFAULT_FORMAT = "TabSeparated"
UNSUPPORTED = ("session_id", "compress", "decompress", "role", "quota_key", "stacktrace", "async_insert")
NOT_SETTINGS = frozenset(
    {
        "query",
        "query_id",
        "database",
        "default_format",
        "user",
        "password",
        "enable_http_compression",
        "session_timeout",
        "session_check",
        # How much of an answer is held back before it is sent: here it always is all.
        "buffer_size",
        "wait_end_of_query",
    }
)
# By the beginnings of formats' names, the longer before the shorter; all others are plain text.
CONTENT_TYPES = {
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "JSONCompactEachRow": "application/x-ndjson; charset=UTF-8",
    "JSONStringsEachRow": "application/x-ndjson; charset=UTF-8",
    "JSON": "application/json; charset=UTF-8",
    "XML": "application/xml; charset=UTF-8",
    "RowBinary": "application/octet-stream",
    "Native": "application/octet-stream",
    "Parquet": "application/octet-stream",
    "Arrow": "application/octet-stream",
}
_FORMAT = re.compile(r"\bFORMAT\s+([A-Za-z0-9]+)\s*(?:SETTINGS\b.*)?;?\s*\Z", re.IGNORECASE | re.DOTALL)
_INSERT = re.compile(r"\A(?:\s|--[^\n]*\n|/\*.*?\*/)*INSERT\b", re.IGNORECASE | re.DOTALL)
_INSERT_FORMAT = re.compile(r"\bFORMAT\s+([A-Za-z0-9]+)\s*\Z", re.IGNORECASE)
_INPUT = re.compile(
    r"\A(?:\s|--[^\n]*\n|/\*.*?\*/)*INSERT\b(?:(?!\b(?:FORMAT|VALUES)\b)[^'\"])*\bFROM\s+input\s*\(",
    re.IGNORECASE | re.DOTALL,
)
_VALUES = re.compile(r"\bVALUES\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """One query to run. `data` is what an INSERT takes in `data_format`, None for a query that is complete in its text."""

    text: str
    result_format: str
    database: str | None
    settings: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...]
    data: bytes | None = None
    data_format: str = ""

    @property
    def content_type(self) -> str:
        """The HTTP content type of the result."""
        known = (kind for name, kind in CONTENT_TYPES.items() if self.result_format.startswith(name))
        return next(known, "text/plain; charset=UTF-8")


def parse_query(url: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Query:
    """Return the query of a request: its text from the URL, or from the body, or from the URL with the INSERT's data in the body.

    Raises ClickHouseError for what cannot be done here.
    """
    for name in UNSUPPORTED:
        if name in url and url[name] not in ("", "0"):
            raise ClickHouseError(48, "NOT_IMPLEMENTED", f"The embedded endpoint does not offer {name}.")
    if headers.get("Content-Type", "").startswith("multipart/"):
        raise ClickHouseError(48, "NOT_IMPLEMENTED", "The embedded endpoint does not take external data tables.")
    text, data, data_format = _split(url.get("query", ""), body)
    if not text.strip():
        raise ClickHouseError(62, "SYNTAX_ERROR", "Empty query")
    if _INPUT.match(text):
        # The engine takes such a statement and inserts nothing.
        raise ClickHouseError(48, "NOT_IMPLEMENTED", "The embedded endpoint does not offer the table function input.")
    parameters = tuple((k.removeprefix("param_"), v) for k, v in url.items() if k.startswith("param_"))
    if data is not None and parameters:
        raise ClickHouseError(48, "NOT_IMPLEMENTED", "The embedded endpoint takes no parameters for an INSERT's data.")
    stated = _FORMAT.search(text) if data is None else None
    default = headers.get("X-ClickHouse-Format") or url.get("default_format") or DEFAULT_FORMAT
    return Query(
        text,
        stated[1] if stated is not None else default,
        headers.get("X-ClickHouse-Database") or url.get("database"),
        tuple(
            sorted(
                (k, v)
                for k, v in url.items()
                if k not in NOT_SETTINGS and k not in UNSUPPORTED and not k.startswith("param_")
            )
        ),
        parameters,
        data,
        data_format,
    )


def _split(url_query: str, body: bytes) -> tuple[str, bytes | None, str]:
    """Return the query's text and, of an INSERT whose data stands in the body, the data and its format."""
    if url_query and body and _INSERT.match(url_query):
        if (stated := _INSERT_FORMAT.search(url_query)) is not None:
            return url_query[: stated.start()], body, stated[1]
        if (values := _VALUES.search(url_query)) is not None:
            return url_query[: values.start()], body, "Values"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ClickHouseError(
            48, "NOT_IMPLEMENTED", "The embedded endpoint takes a query's text only as UTF-8."
        ) from None
    # The server joins the two as they are, a line break between them.
    return "\n".join(part for part in (url_query, text) if part), None, ""
