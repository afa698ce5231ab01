"""The source of truth: reads scorecards from PostgreSQL, many at once, in one read-only snapshot."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import asyncpg

from harness.errors import StoreError, UsageError
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS, HeaderTable, PostgresMapping, ScoreTable
from harness.model import Header, Score, Scorecard
from harness.observe.names import ScorecardName

CONNECT_TIMEOUT_S = 10.0
STATEMENT_TIMEOUT_MS = 30_000
# For a server that no longer answers at all; the server's own timeout comes first.
COMMAND_TIMEOUT_S = 35.0
EXAMPLE = "postgresql://user:password@host:port/database"

ASKED = ('"asked for".c', '"asked for".p', '"asked for".s')
FLAGS = ("not_applicable", "ai_scored")
NUMBERS = ("overall_score", "numeric_value", "ai_value")
# What stands for a field that the table does not have; it is not compared.
ABSENT = {
    "overall_score": "NULL::float8",
    "submit_time_us": "NULL::bigint",
    "create_time_us": "0::bigint",
    "update_time_us": "0::bigint",
    "numeric_value": "NULL::float8",
    "ai_value": "NULL::float8",
    "text_value": "NULL::text",
    "not_applicable": "false",
    "ai_scored": "false",
}


class PostgresReader:
    """Reads through a pool of connections that cannot write."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", mapping: PostgresMapping, where: str) -> None:
        self._pool = pool
        self._mapping = mapping
        self._where = where
        self._headers_sql = _select(mapping.namespace, mapping.headers, HEADER_FIELDS)
        self._scores_sql = _select(mapping.namespace, mapping.scores, ("criterion", *SCORE_FIELDS))

    async def read(self, names: Sequence[ScorecardName]) -> dict[ScorecardName, Scorecard]:
        """Return the scorecards that exist, as one snapshot saw them: two queries, however many names. Raises StoreError."""
        keys = [[n.customer for n in names], [n.profile for n in names], [n.scorecard for n in names]]
        with self._explained():
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                headers = await connection.fetch(self._headers_sql, *keys)
                scores = await connection.fetch(self._scores_sql, *keys)
        scores_of: defaultdict[int, list[Score]] = defaultdict(list)
        for number, *values in scores:
            scores_of[number].append(Score(*values))
        return {
            names[number - 1]: Scorecard(
                Header(*values), tuple(sorted(scores_of[number], key=lambda score: score.criterion))
            )
            for number, *values in headers
        }

    async def version(self) -> str:
        """Return the server's version, as in `18.4`. Raises StoreError."""
        with self._explained():
            return str(await self._pool.fetchval("SHOW server_version")).split()[0]

    async def check(self) -> None:
        """Read nothing, which fails where a table, a column or a right is missing. Raises StoreError, naming it."""
        await self.read([])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Map the driver's errors to one line."""
        try:
            yield
        except asyncpg.UndefinedTableError as error:
            raise StoreError(
                f"{self._where}: {_one_line(error)}; are the service's tables there, and does [mapping.postgres] name them?"
            ) from None
        except asyncpg.UndefinedColumnError as error:
            raise StoreError(
                f"{self._where}: {_one_line(error)}; [mapping.postgres] says how columns are named"
            ) from None
        except asyncpg.InsufficientPrivilegeError as error:
            raise StoreError(f"{self._where}: {_one_line(error)}; grant the user SELECT on it") from None
        except TimeoutError:
            raise StoreError(f"{self._where} did not answer within {COMMAND_TIMEOUT_S:.0f} s") from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            # The internal one is what a connection gives that the server has just ended.
            raise StoreError(f"{self._where}: {_one_line(error)}") from None


@asynccontextmanager
async def open_postgres(dsn: str, mapping: PostgresMapping) -> AsyncIterator[PostgresReader]:
    """Hold a reader. Raises StoreError where the server cannot be reached or refuses, UsageError for a DSN that is none."""
    if not dsn.startswith(("postgresql://", "postgres://")):
        raise UsageError(f"--pg is not a DSN such as {EXAMPLE}")
    where = f"PostgreSQL at {_place(dsn)}"
    try:
        pool = await asyncio.wait_for(
            asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=4,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=COMMAND_TIMEOUT_S,
                server_settings={
                    "application_name": "harness",
                    "default_transaction_read_only": "on",
                    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                },
            ),
            CONNECT_TIMEOUT_S,
        )
    except asyncpg.InvalidPasswordError:
        raise StoreError(f"{where} refused the user or the password") from None
    except asyncpg.ClientConfigurationError as error:
        raise UsageError(f"--pg is not a DSN such as {EXAMPLE}: {_one_line(error)}") from None
    except ValueError:
        # Not in the error's words, which may hold a piece of a password that was not encoded.
        raise UsageError(f"--pg is not a DSN such as {EXAMPLE}; in a password, / is %2F, # is %23, ? is %3F") from None
    except TimeoutError:
        raise StoreError(
            f"{where} did not answer within {CONNECT_TIMEOUT_S:.0f} s; is it up, and is the address right?"
        ) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreError(f"{where} cannot be reached: {_one_line(error)}") from None
    try:
        yield PostgresReader(pool, mapping, where)
    finally:
        # Closing politely waits for what runs; what hangs is cut off.
        try:
            await asyncio.wait_for(pool.close(), 5)
        except TimeoutError:
            pool.terminate()


def _one_line(error: Exception) -> str:
    """Return an error's text; PostgreSQL gives a detail and a hint on lines of their own."""
    return " ".join(str(error).split()) or type(error).__name__


def _place(dsn: str) -> str:
    """Return host, port and database of a DSN, never its password."""
    try:
        parts = urlsplit(dsn)
        return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"
    except ValueError:
        return "the given DSN"


def _select(namespace: str, table: HeaderTable | ScoreTable, fields: Sequence[str]) -> str:
    """Return a query of one table by arrays of customers, profiles and scorecards; `n` numbers the names from 1."""
    columns = ", ".join(f"{_expression(table, field)} AS {field}" for field in fields)
    # The table goes by its own name, which PostgreSQL's messages then give; no table that is mapped has a space in it.
    asked = 'unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS "asked for"(c, p, s, n)'
    matched = " AND ".join(
        f'"{table.table}"."{column}" = {part}' for column, part in zip(table.key, ASKED, strict=True)
    )
    return (
        f'SELECT "asked for".n, {columns} FROM {asked} '  # noqa: S608 - validated
        f'JOIN "{namespace}"."{table.table}" ON {matched}'
    )


def _expression(table: HeaderTable | ScoreTable, field: str) -> str:
    name = getattr(table, field)
    if name is False:
        return ABSENT.get(field, "''")
    column = f'"{table.table}"."{name}"'
    if field.endswith("_time_us"):
        # The numeric result of extract is exact to the microsecond.
        return f"(extract(epoch FROM {column}) * 1000000)::bigint"
    # A column may be numeric, an enum or a uuid; ClickHouse's side is a double or a string.
    return column if field in FLAGS else f"{column}::{'float8' if field in NUMBERS else 'text'}"
