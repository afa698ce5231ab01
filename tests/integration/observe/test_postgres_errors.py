"""What keeps PostgreSQL from being read is told in one line, which says what is wrong and holds no password."""

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import quote, urlsplit

import asyncpg
import pytest
from observe_stores import PLAIN, Analytics, Postgres
from silent_server import Line, silent_server

from harness.errors import HarnessError, StoreError, UsageError
from harness.mapping import PostgresMapping
from harness.model import Scorecard
from harness.observe import postgres as module
from harness.observe.names import ScorecardName
from harness.observe.postgres import open_postgres

SECRET = "se'cret p@ss/word%"


def one_line(error: HarnessError) -> str:
    message = str(error)
    assert "\n" not in message
    assert SECRET not in message
    assert quote(SECRET, safe="") not in message
    return message


async def failure(dsn: str, mapping: PostgresMapping | None = None, kind: type[HarnessError] = StoreError) -> str:
    """Return the message with which opening or checking fails."""
    with pytest.raises(kind) as raised:
        async with open_postgres(dsn, PostgresMapping() if mapping is None else mapping) as reader:
            await reader.check()
    return one_line(raised.value)


def place(dsn: str) -> str:
    parts = urlsplit(dsn)
    return f"{parts.hostname}:{parts.port}{parts.path}"


class TestWhatIsMissing:
    @pytest.mark.parametrize("table", ["scorecards", "scores"])
    async def test_a_table(self, postgres: Postgres, table: str) -> None:
        await postgres.execute(f"DROP TABLE SCHEMA.{table} CASCADE")
        message = await failure(postgres.dsn, postgres.mapping)
        assert message.startswith(f"PostgreSQL at {place(postgres.dsn)}: ")
        assert re.search(rf'"{postgres.schema}\.{table}" does not exist; .*\[mapping\.postgres\]', message)

    async def test_a_schema(self, postgres: Postgres) -> None:
        message = await failure(postgres.dsn, PostgresMapping(namespace="no_such_schema"))
        assert re.search(r"no_such_schema.*does not exist; .*\[mapping\.postgres\]", message)

    @pytest.mark.parametrize(
        ("table", "column"), [("scorecards", "submitted_at"), ("scores", "ai_scored"), ("scores", "profile_id")]
    )
    async def test_a_column(self, postgres: Postgres, table: str, column: str) -> None:
        await postgres.execute(f"ALTER TABLE SCHEMA.{table} DROP COLUMN {column} CASCADE")
        message = await failure(postgres.dsn, postgres.mapping)
        assert re.search(rf"column {table}\.{column} does not exist.*; \[mapping\.postgres\]", message)

    async def test_a_column_that_is_named_almost_so(self, postgres: Postgres) -> None:
        """PostgreSQL then gives a hint on a line of its own."""
        await postgres.execute("ALTER TABLE SCHEMA.scorecards RENAME agent TO agents")
        message = await failure(postgres.dsn, postgres.mapping)
        assert re.search(r"agent does not exist.*agents", message)

    async def test_a_database(self, postgres: Postgres) -> None:
        message = await failure(postgres.dsn.replace("/coaching", "/no_such_database"))
        assert re.search(r'"no_such_database" does not exist', message)

    async def test_the_right_to_read(self, postgres: Postgres) -> None:
        user = f"{postgres.schema}_user"
        await postgres.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{SECRET.replace(chr(39), chr(39) * 2)}'")
        await postgres.owner.execute(f'GRANT USAGE ON SCHEMA "{postgres.schema}" TO {user}')
        await postgres.execute(f"GRANT SELECT ON SCHEMA.scorecards TO {user}")
        dsn = (
            f"postgresql://{user}:{quote(SECRET, safe='')}@{urlsplit(postgres.dsn).netloc.rpartition('@')[2]}/coaching"
        )
        try:
            message = await failure(dsn, postgres.mapping)
            await postgres.execute(f"GRANT SELECT ON SCHEMA.scores TO {user}")
            async with open_postgres(dsn, postgres.mapping) as reader:
                await reader.check()
        finally:
            await postgres.execute(f"DROP OWNED BY {user}; DROP ROLE {user}")
        assert re.search(r"permission denied for table scores; grant", message)


class TestWhoIsNotLetIn:
    async def test_a_wrong_password(self, postgres: Postgres) -> None:
        parts = urlsplit(postgres.dsn)
        dsn = postgres.dsn.replace(f":{parts.password}@", f":{quote(SECRET, safe='')}@")
        assert await failure(dsn) == f"PostgreSQL at {place(postgres.dsn)} refused the user or the password"

    async def test_an_unknown_user(self, postgres: Postgres) -> None:
        dsn = postgres.dsn.replace("//harness:", "//nobody:")
        assert await failure(dsn) == f"PostgreSQL at {place(postgres.dsn)} refused the user or the password"


class TestWhereNoPostgresIs:
    DSN = f"postgresql://user:{quote(SECRET, safe='')}@"

    async def test_a_closed_port(self) -> None:
        message = await failure(f"{self.DSN}127.0.0.1:1/coaching")
        assert re.fullmatch(r"PostgreSQL at 127\.0\.0\.1:1/coaching cannot be reached: .*127\.0\.0\.1.*", message)

    async def test_an_unknown_host(self) -> None:
        message = await failure(f"{self.DSN}host.invalid/coaching")
        assert message.startswith("PostgreSQL at host.invalid:5432/coaching cannot be reached: ")

    async def test_a_port_that_never_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "CONNECT_TIMEOUT_S", 0.2)
        async with silent_server() as port:
            message = await failure(f"{self.DSN}127.0.0.1:{port}/coaching")
        assert f"PostgreSQL at 127.0.0.1:{port}/coaching did not answer within" in message

    async def test_clickhouse_instead(self, clickhouse: Analytics, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "CONNECT_TIMEOUT_S", 0.5)
        message = await failure(f"{self.DSN}127.0.0.1:{clickhouse.server.port}/coaching")
        assert message.startswith(f"PostgreSQL at 127.0.0.1:{clickhouse.server.port}/coaching")

    @pytest.mark.parametrize(
        "dsn",
        [
            f"mysql://u:{quote(SECRET, safe='')}@localhost/db",
            f"host=localhost password={SECRET}",
            "postgresql://user:hunter2/x@localhost:5432/db",
            "",
        ],
    )
    async def test_what_is_no_dsn_is_bad_usage(self, dsn: str) -> None:
        message = await failure(dsn, kind=UsageError)
        assert message.startswith("--pg is not a DSN such as postgresql://user:password@host:port/database")
        assert "hunter2" not in message


class TestWhileReading:
    @pytest.fixture
    async def locked(self, postgres: Postgres) -> AsyncIterator[None]:
        """Hold a lock that lets nobody read the scorecards."""
        connection = await asyncpg.connect(postgres.dsn)
        await connection.execute(f'BEGIN; LOCK TABLE "{postgres.schema}".scorecards')
        yield
        await connection.close()

    @pytest.mark.usefixtures("locked")
    async def test_a_statement_that_takes_too_long(
        self, postgres: Postgres, name: ScorecardName, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "STATEMENT_TIMEOUT_MS", 1000)
        async with postgres.reader() as reader:
            with pytest.raises(
                StoreError, match="within 1 s, the harness's limit for each; is a table locked"
            ) as raised:
                await reader.read([name])
        one_line(raised.value)

    async def test_a_server_that_falls_silent(
        self, postgres: Postgres, name: ScorecardName, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "COMMAND_TIMEOUT_S", 0.3, raising=False)
        parts = urlsplit(postgres.dsn)
        line = Line(parts.port or 0)
        async with line.open() as port:
            dsn = postgres.dsn.replace(f":{parts.port}/", f":{port}/")
            async with open_postgres(dsn, postgres.mapping) as reader:
                await reader.check()
                line.cut = True
                async with asyncio.timeout(30):
                    with pytest.raises(StoreError, match="did not answer within") as raised:
                        await reader.read([name])
        one_line(raised.value)

    async def test_a_server_that_went_away_is_used_again_when_it_is_back(
        self, postgres: Postgres, name: ScorecardName
    ) -> None:
        written = Scorecard(PLAIN, ())
        await postgres.write({name: written})
        async with postgres.reader() as reader:
            await reader.check()
            killed = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'harness'"
            assert await postgres.owner.fetchval(killed) > 0
            for attempt in range(10):
                try:
                    assert await reader.read([name]) == {name: written}
                except StoreError as error:
                    assert attempt < 9, one_line(error)
                    continue
                break
