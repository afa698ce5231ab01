"""What PostgreSQL holds is read as one snapshot saw it, exact in every value, and nothing is written."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import asyncpg
import pytest
from observe_stores import PLAIN, Postgres, score

from harness.mapping import PostgresMapping
from harness.model import Number, Scorecard
from harness.observe.names import ScorecardName
from harness.observe.postgres import PostgresReader, open_postgres

NASTY = ["'", "\\", "' OR '1'='1", '"', "$1", "{a,b}", "\t\n", "%s", "é\U0001f600", "NULL", " "]


async def read_one(postgres: Postgres, name: ScorecardName, mapping: PostgresMapping | None = None) -> Scorecard:
    async with postgres.reader(mapping) as reader:
        return (await reader.read([name]))[name]


class TestRows:
    async def test_come_with_their_scores_sorted(self, postgres: Postgres, name: ScorecardName) -> None:
        written = Scorecard(PLAIN, tuple(score(criterion) for criterion in ("Z", "a", "b", "é")))
        shuffled = Scorecard(PLAIN, tuple(written.scores[index] for index in (2, 0, 3, 1)))
        # Without an index the rows come as they were inserted.
        await postgres.execute("ALTER TABLE SCHEMA.scores DROP CONSTRAINT scores_pkey")
        await postgres.write({name: shuffled})
        assert await read_one(postgres, name) == written

    async def test_that_are_not_there_are_left_out(
        self, postgres: Postgres, new_name: Callable[[], ScorecardName]
    ) -> None:
        there, not_there = new_name(), new_name()
        await postgres.write({there: Scorecard(PLAIN, ())})
        async with postgres.reader() as reader:
            assert await reader.read([not_there, there]) == {there: Scorecard(PLAIN, ())}
            assert await reader.read([not_there]) == {}
            assert await reader.read([]) == {}

    async def test_of_thousands_of_names_are_all_read(
        self, postgres: Postgres, new_name: Callable[[], ScorecardName]
    ) -> None:
        written = {
            name: Scorecard(PLAIN._replace(agent=name.scorecard), (score("x", text=name.scorecard),))
            for name in (new_name() for _ in range(2500))
        }
        await postgres.write(written)
        async with postgres.reader() as reader:
            assert await reader.read(list(written)) == written

    async def test_are_found_by_the_whole_name(self, postgres: Postgres) -> None:
        stored = [ScorecardName("a", "q", "1"), ScorecardName("b", "p", "1"), ScorecardName("a", "p", "2")]
        await postgres.write({name: Scorecard(PLAIN, ()) for name in stored})
        async with postgres.reader() as reader:
            assert await reader.read([ScorecardName("a", "p", "1"), ScorecardName("b", "q", "2")]) == {}

    async def test_are_found_by_parts_that_no_resource_name_has(self, postgres: Postgres) -> None:
        """A table may have keys that are empty or hold slashes; whole tables are compared by keys as they are."""
        parts = itertools.product(("", "/", "a/b", "ab"), ("", "p"), ("", "/s", "s"))
        written = {ScorecardName(*key): Scorecard(PLAIN._replace(agent=str(key)), ()) for key in parts}
        await postgres.write(written)
        async with postgres.reader() as reader:
            assert await reader.read(list(written)) == written
            for name, scorecard in written.items():
                assert await reader.read([name]) == {name: scorecard}

    @pytest.mark.parametrize("nasty", NASTY)
    async def test_of_nasty_names_are_their_own(self, postgres: Postgres, nasty: str) -> None:
        names = [ScorecardName(nasty, "p", "s"), ScorecardName("c", nasty, "s"), ScorecardName("c", "p", nasty)]
        written = {name: Scorecard(PLAIN._replace(agent=str(name)), (score("x"),)) for name in names}
        await postgres.write({**written, ScorecardName("c", "p", "s"): Scorecard(PLAIN, ())})
        async with postgres.reader() as reader:
            assert await reader.read(names) == written

    async def test_asked_for_twice_are_read_once(self, postgres: Postgres, name: ScorecardName) -> None:
        written = Scorecard(PLAIN, (score("x"),))
        await postgres.write({name: written})
        async with postgres.reader() as reader:
            assert await reader.read([name, name]) == {name: written}

    @pytest.mark.parametrize("time_us", [-62_135_596_799_999_999, -1, 0, 1, 2**53 + 1, 253_402_300_799_999_998])
    async def test_have_their_times_to_the_microsecond(
        self, postgres: Postgres, name: ScorecardName, time_us: int
    ) -> None:
        header = PLAIN._replace(submit_time_us=time_us, create_time_us=time_us, update_time_us=time_us)
        await postgres.write({name: Scorecard(header, ())})
        assert (await read_one(postgres, name)).header == header


class TestColumns:
    async def test_may_be_missing_where_the_mapping_says_so(self, postgres: Postgres, name: ScorecardName) -> None:
        await postgres.write({name: Scorecard(PLAIN, (score("x", 2.0),))})
        columns = ("template", "overall_score", "submitted_at", "submitter_user_id", "created_at", "updated_at")
        for column in columns:
            await postgres.execute(f"ALTER TABLE SCHEMA.scorecards DROP COLUMN {column}")
        for column in ("ai_value", "text_value", "not_applicable", "ai_scored"):
            await postgres.execute(f"ALTER TABLE SCHEMA.scores DROP COLUMN {column}")
        headers = ("template", "overall_score", "submit_time_us", "submitter", "create_time_us", "update_time_us")
        scores = ("ai_value", "text_value", "not_applicable", "ai_scored")
        absent = {"headers": dict.fromkeys(headers, False), "scores": dict.fromkeys(scores, False)}
        read = await read_one(postgres, name, PostgresMapping.model_validate({"namespace": postgres.schema, **absent}))
        assert (read.header.agent, read.header.creator) == (PLAIN.agent, PLAIN.creator)
        assert [(s.criterion, s.numeric_value) for s in read.scores] == [("x", 2.0)]

    async def test_may_have_names_that_are_words_of_sql(self, postgres: Postgres, name: ScorecardName) -> None:
        await postgres.write({name: Scorecard(PLAIN, (score("x"),))})
        renamed = {"template": "order", "agent": "SELECT", "creator": "user", "customer_id": "Group"}
        for column, word in renamed.items():
            await postgres.execute(f'ALTER TABLE SCHEMA.scorecards RENAME {column} TO "{word}"')
        await postgres.execute('ALTER TABLE SCHEMA.scorecards RENAME TO "table"')
        headers = {"table": "table", "template": "order", "agent": "SELECT", "creator": "user", "customer": "Group"}
        mapping = PostgresMapping.model_validate({"namespace": postgres.schema, "headers": headers})
        assert (await read_one(postgres, name, mapping)).header == PLAIN

    async def test_that_are_null_are_none(self, postgres: Postgres, name: ScorecardName) -> None:
        await postgres.write({name: Scorecard(PLAIN._replace(submitter="", overall_score=None), ())})
        columns = ("template", "submitter_user_id", "created_at")
        for column in columns:
            await postgres.execute(f"ALTER TABLE SCHEMA.scorecards ALTER {column} DROP NOT NULL")
        await postgres.execute(f"UPDATE SCHEMA.scorecards SET {', '.join(f'{column} = NULL' for column in columns)}")
        header = (await read_one(postgres, name)).header
        assert (header.template, header.submitter, header.create_time_us) == (None, None, None)
        assert (header.agent, header.submit_time_us, header.overall_score) == (PLAIN.agent, None, None)

    @pytest.mark.parametrize(
        ("kind", "value", "read"),
        [("numeric", "12.3456", Decimal("12.3456")), ("real", "0.1", 0.10000000149011612), ("bigint", "-7", -7)],
    )
    async def test_that_are_numbers_of_another_type_are_read_exactly(
        self, postgres: Postgres, name: ScorecardName, kind: str, value: str, read: Number
    ) -> None:
        await postgres.write({name: Scorecard(PLAIN, (score("x"),))})
        await postgres.execute(f"ALTER TABLE SCHEMA.scorecards ALTER overall_score TYPE {kind}")
        await postgres.execute(f"UPDATE SCHEMA.scorecards SET overall_score = {value}")
        assert repr((await read_one(postgres, name)).header.overall_score) == repr(read)

    @pytest.mark.parametrize("kind", ["varchar(50)", "uuid"])
    async def test_that_are_texts_of_another_type_are_texts(
        self, postgres: Postgres, name: ScorecardName, kind: str
    ) -> None:
        agent = "123e4567-e89b-12d3-a456-426614174000"
        await postgres.write({name: Scorecard(PLAIN._replace(agent=agent), ())})
        await postgres.execute(f"ALTER TABLE SCHEMA.scorecards ALTER agent TYPE {kind} USING agent::{kind}")
        assert repr((await read_one(postgres, name)).header.agent) == repr(agent)

    async def test_without_a_time_zone_are_taken_for_utc(self, postgres: Postgres, name: ScorecardName) -> None:
        await postgres.write({name: Scorecard(PLAIN, ())})
        await postgres.execute("ALTER TABLE SCHEMA.scorecards ALTER updated_at TYPE timestamp")
        await postgres.owner.execute(
            f'UPDATE "{postgres.schema}".scorecards SET updated_at = $1', datetime(2026, 1, 2, 3, 4, 5, 678901)
        )
        expected = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp() * 1_000_000 + 678901
        assert (await read_one(postgres, name)).header.update_time_us == expected


class TestSnapshot:
    async def test_headers_and_scores_are_of_one_instant(self, postgres: Postgres, name: ScorecardName) -> None:
        """The header and the score carry the same number in every committed state; no read may see them apart."""
        await postgres.write({name: Scorecard(PLAIN._replace(overall_score=0.0), (score("x", 0.0),))})
        writer = await asyncpg.connect(postgres.dsn)
        write = f"""WITH header AS (UPDATE "{postgres.schema}".scorecards SET overall_score = overall_score + 1)
            UPDATE "{postgres.schema}".scores SET numeric_value = numeric_value + 1"""

        async def keep_writing() -> None:
            while True:
                await writer.execute(write)

        writing = asyncio.create_task(keep_writing())
        async with postgres.reader() as reader:
            seen = [(await reader.read([name]))[name] for _ in range(150)]
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await writer.close()

        assert len({scorecard.header.overall_score for scorecard in seen}) > 10
        assert [s.header.overall_score for s in seen] == [s.scores[0].numeric_value for s in seen]


class TestReadOnly:
    async def test_nothing_can_be_written_even_as_the_owner(self, postgres: Postgres) -> None:
        async with open_postgres(postgres.dsn, postgres.mapping) as reader:
            assert isinstance(reader, PostgresReader)
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await reader._pool.execute(f'DELETE FROM "{postgres.schema}".scores')

    async def test_a_read_leaves_no_transaction_open(self, postgres: Postgres, name: ScorecardName) -> None:
        async with postgres.reader() as reader:
            await reader.read([name])
            left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'harness' AND state <> 'idle'"
            assert await postgres.owner.fetchval(left) == 0


async def test_the_version_is_the_servers(postgres: Postgres) -> None:
    async with postgres.reader() as reader:
        version = await reader.version()
    number = await postgres.owner.fetchval("SHOW server_version_num")
    assert version.split(".")[0] == str(int(number) // 10000)
    assert " " not in version
