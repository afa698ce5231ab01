"""The source of truth: reads scorecards from PostgreSQL, many at once, in one read-only snapshot."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from operator import attrgetter
from urllib.parse import urlsplit

import asyncpg

from harness.errors import StoreError, UsageError
from harness.mapping import HEADER_FIELDS, HeaderTable, PostgresMapping, ScoreTable
from harness.model import Header, Score, Scorecard, maker
from harness.observe.names import ScorecardName
from harness.observe.postgres_tables import TYPES, parameters, select, types_of

CONNECT_TIMEOUT_S = 10.0
STATEMENT_TIMEOUT_MS = 30_000
# For a server that no longer answers at all; the server's own timeout comes first.
COMMAND_TIMEOUT_S = 35.0
# The columns of headers and those of scores, the numbers of the names before each.
_HEADERS, _SCORES = slice(1 + len(HEADER_FIELDS)), slice(1 + len(HEADER_FIELDS), None)
_MAKE_HEADER, _MAKE_SCORE, _MAKE_SCORECARD = maker(Header), maker(Score), maker(Scorecard)
_BY_CRITERION = attrgetter("criterion")
EXAMPLE = "postgresql://user:password@host:port/database"


class PostgresReader:
    """Reads through a pool of connections that cannot write."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", mapping: PostgresMapping, where: str) -> None:
        self._pool = pool
        self._mapping = mapping
        self._where = where
        self._sql = ""
        self.types: dict[str, str] = {}
        """The type of each compared column, under the names of Header's and Score's fields; known after `check`."""

    async def read(self, names: Sequence[ScorecardName]) -> dict[ScorecardName, Scorecard]:
        """Return the scorecards that exist, as one snapshot saw them: one query, however many names. Raises StoreError."""
        held = await self.read_in_order(names)
        return {name: scorecard for name, scorecard in zip(names, held, strict=True) if scorecard is not None}

    async def read_in_order(self, names: Sequence[ScorecardName]) -> list[Scorecard | None]:
        """Return the same in the order of the names, None for what does not exist. Raises StoreError.

        Nothing is looked up by its name then, of thousands at a look.
        """
        if not self._sql:
            await self._learn_types()
        with self._explained():
            rows = await self._pool.fetch(self._sql, *parameters(names))
        held: list[Scorecard | None] = [None] * len(names)
        for number, scorecard in _scorecards(rows[0]):
            held[number - 1] = scorecard
        return held

    async def version(self) -> str:
        """Return the server's version, as in `18.4`. Raises StoreError."""
        with self._explained():
            return str(await self._pool.fetchval("SHOW server_version")).split()[0]

    async def check(self) -> None:
        """Read nothing, which fails where a table, a column or a right is missing. Raises StoreError, naming it."""
        await self._learn_types()
        await self.read([])

    async def _learn_types(self) -> None:
        headers, scores = self._mapping.headers, self._mapping.scores
        header_types, score_types = await self._column_types(headers), await self._column_types(scores)
        self._sql = select(self._mapping.namespace, headers, header_types, scores, score_types)
        self.types = types_of(headers, header_types) | types_of(scores, score_types)

    async def _column_types(self, table: HeaderTable | ScoreTable) -> dict[str, str]:
        with self._explained():
            name = f'"{self._mapping.namespace}"."{table.table}"'
            return {row[0]: row[1] for row in await self._pool.fetch(TYPES, name)}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Map the driver's errors to one line."""
        try:
            yield
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError) as error:
            raise StoreError(
                f"{self._where}: {_one_line(error)}; are the service's tables there, and does [mapping.postgres] name them?"
            ) from None
        except asyncpg.UndefinedColumnError as error:
            raise StoreError(
                f"{self._where}: {_one_line(error)}; [mapping.postgres] says how columns are named"
            ) from None
        except asyncpg.InsufficientPrivilegeError as error:
            raise StoreError(f"{self._where}: {_one_line(error)}; grant the user SELECT on it") from None
        except asyncpg.QueryCanceledError as error:
            if "statement timeout" not in str(error):
                raise StoreError(f"{self._where} ended the query: {_one_line(error)}") from None
            raise StoreError(
                f"{self._where} did not answer a query within {STATEMENT_TIMEOUT_MS // 1000} s, the harness's limit for each; is a table "
                "locked (pg_locks, pg_stat_activity), or its key without an index? Try again when that is over"
            ) from None
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
                reset=_no_reset,
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


def _scorecards(row: asyncpg.Record) -> list[tuple[int, Scorecard]]:
    """Return the scorecards that `select`'s row of columns makes, each behind the number of its name."""
    columns = [column or () for column in row]
    numbers, *fields = columns[_HEADERS]
    owners, *values = columns[_SCORES]
    scores: dict[int, list[Score]] = {number: [] for number in numbers}
    # What is left of a scorecard without a header is none.
    for owner, score in zip(owners, map(_MAKE_SCORE, zip(*values, strict=True)), strict=True):
        if owner in scores:
            scores[owner].append(score)
    held = (tuple(sorted(scores[number], key=_BY_CRITERION)) for number in numbers)
    made = map(_MAKE_SCORECARD, zip(map(_MAKE_HEADER, zip(*fields, strict=True)), held, strict=True))
    return list(zip(numbers, made, strict=True))


async def _no_reset(_: object) -> None:
    """Spare a query for each look: these sessions read and leave nothing behind."""
