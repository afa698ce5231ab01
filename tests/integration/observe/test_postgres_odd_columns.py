"""Columns of other types than the reference service's are read as exactly as its own, on every PostgreSQL version."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from observe_stores import PLAIN, Postgres, score

from harness.model import Scorecard
from harness.observe.names import ScorecardName

KEYS = ("customer_id", "profile_id", "scorecard_id")
# How the ends of time are told: PostgreSQL's infinities are no microseconds since the epoch.
LATEST_US, EARLIEST_US = 2**63 - 1, -(2**63)


async def read(postgres: Postgres, *names: ScorecardName) -> dict[ScorecardName, Scorecard]:
    async with postgres.reader() as reader:
        await reader.check()
        return await reader.read(list(names))


async def alter(postgres: Postgres, table: str, column: str, kind: str) -> None:
    await postgres.execute(f"ALTER TABLE SCHEMA.{table} ALTER {column} TYPE {kind} USING {column}::text::{kind}")


class TestKeys:
    async def test_of_type_uuid(self, postgres_of_a_version: Postgres) -> None:
        first, second = (ScorecardName(*(str(uuid.uuid4()) for _ in KEYS)) for _ in range(2))
        written = {name: Scorecard(PLAIN, (score("x"), score("y"))) for name in (first, second)}
        await postgres_of_a_version.write(written)
        await postgres_of_a_version.execute("ALTER TABLE SCHEMA.scores DROP CONSTRAINT scores_pkey CASCADE")
        constraint = "scores_customer_id_profile_id_scorecard_id_fkey"
        await postgres_of_a_version.execute(f"ALTER TABLE SCHEMA.scores DROP CONSTRAINT {constraint}")
        for table in ("scorecards", "scores"):
            for column in KEYS:
                await alter(postgres_of_a_version, table, column, "uuid")
        assert await read(postgres_of_a_version, first, second) == written
        # What is no uuid is the name of no row, and keeps no other from being read.
        assert await read(postgres_of_a_version, ScorecardName("c", "p", "s"), second) == {second: written[second]}

    async def test_that_are_whole_numbers(self, postgres_of_a_version: Postgres) -> None:
        numbers = ("-9223372036854775808", "-7", "0", "123456789012345678", "9223372036854775807")
        names = [ScorecardName("1", "-2", number) for number in numbers]
        written = {name: Scorecard(PLAIN, (score("x"),)) for name in names}
        await postgres_of_a_version.write(written)
        constraint = "scores_customer_id_profile_id_scorecard_id_fkey"
        await postgres_of_a_version.execute(f"ALTER TABLE SCHEMA.scores DROP CONSTRAINT {constraint}")
        for table in ("scorecards", "scores"):
            for column, kind in zip(KEYS, ("integer", "smallint", "bigint"), strict=True):
                await alter(postgres_of_a_version, table, column, kind)
        # What no column of these can hold is the name of no row, and keeps no other from being read.
        none = [
            ScorecardName(*key) for key in (("1", "-2", "9223372036854775808"), ("1", "x", "0"), ("1" * 40, "-2", ""))
        ]
        assert await read(postgres_of_a_version, *none, *names) == written


class TestTimes:
    @pytest.mark.parametrize("kind", ["timestamptz", "timestamp"])
    async def test_that_are_infinite(self, postgres_of_a_version: Postgres, name: ScorecardName, kind: str) -> None:
        other = name._replace(scorecard="other")
        await postgres_of_a_version.write(dict.fromkeys((name, other), Scorecard(PLAIN, ())))
        for column in ("submitted_at", "created_at", "updated_at"):
            await alter(postgres_of_a_version, "scorecards", column, kind)
        await postgres_of_a_version.execute(
            "UPDATE SCHEMA.scorecards SET submitted_at = '-infinity', updated_at = 'infinity' "
            f"WHERE scorecard_id = '{name.scorecard}'"
        )
        header = PLAIN._replace(submit_time_us=EARLIEST_US, update_time_us=LATEST_US)
        expected = {name: Scorecard(header, ()), other: Scorecard(PLAIN, ())}
        assert await read(postgres_of_a_version, name, other) == expected


class TestNumbers:
    @pytest.mark.parametrize(
        ("kind", "written", "value"),
        [
            ("numeric", "0.1", Decimal("0.1")),
            ("numeric", "12.34567890123456789012345", Decimal("12.34567890123456789012345")),
            ("numeric(5,2)", "12.50", Decimal("12.50")),
            ("real", "0.1", 0.10000000149011612),
            ("integer", "-2147483648", -(2**31)),
            ("smallint", "32767", 32767),
            ("bigint", "9007199254740993", 2**53 + 1),
        ],
    )
    async def test_of_another_type(
        self, postgres_of_a_version: Postgres, name: ScorecardName, kind: str, written: str, value: Any
    ) -> None:
        await postgres_of_a_version.write({name: Scorecard(PLAIN._replace(overall_score=None), (score("x", None),))})
        await alter(postgres_of_a_version, "scorecards", "overall_score", kind)
        await alter(postgres_of_a_version, "scores", "numeric_value", kind)
        await postgres_of_a_version.execute(f"UPDATE SCHEMA.scorecards SET overall_score = '{written}'")
        await postgres_of_a_version.execute(f"UPDATE SCHEMA.scores SET numeric_value = '{written}'")
        found = (await read(postgres_of_a_version, name))[name]
        assert (found.header.overall_score, found.scores[0].numeric_value) == (value, value)


class TestTexts:
    @pytest.mark.parametrize(
        ("kind", "definition", "written"),
        [
            ("mood", "CREATE TYPE SCHEMA.mood AS ENUM ('Fine', 'é so-so ')", "é so-so "),
            ("varchar(50)", "SELECT 1", "A b "),
            ("label", "CREATE DOMAIN SCHEMA.label AS varchar(9) CHECK (value <> '')", " x "),
            ("citext", "CREATE EXTENSION IF NOT EXISTS citext", "MiXed é"),
        ],
    )
    async def test_of_another_type(
        self, postgres_of_a_version: Postgres, name: ScorecardName, kind: str, definition: str, written: str
    ) -> None:
        postgres = postgres_of_a_version
        if kind == "citext" and not await available(postgres, kind):
            pytest.skip("these binaries have no citext")
        await postgres.write({name: Scorecard(PLAIN._replace(agent=written), (score("x", text=written),))})
        await postgres.execute(definition)
        kind = f"SCHEMA.{kind}" if "SCHEMA." in definition else kind
        await alter(postgres, "scorecards", "agent", kind)
        await alter(postgres, "scores", "text_value", kind)
        found = (await read(postgres, name))[name]
        assert repr((found.header.agent, found.scores[0].text_value)) == repr((written, written))

    async def test_that_are_padded(self, postgres_of_a_version: Postgres, name: ScorecardName) -> None:
        """The blanks that pad a char(n) are no part of its value, and PostgreSQL does not count them either."""
        await postgres_of_a_version.write({name: Scorecard(PLAIN._replace(agent="ab"), (score("x", text=" é "),))})
        await alter(postgres_of_a_version, "scorecards", "agent", "char(5)")
        await alter(postgres_of_a_version, "scores", "text_value", "char(5)")
        found = (await read(postgres_of_a_version, name))[name]
        assert (found.header.agent.rstrip(" "), str(found.scores[0].text_value).rstrip(" ")) == ("ab", " é")


class TestFlags:
    async def test_that_are_numbers(self, postgres_of_a_version: Postgres, name: ScorecardName) -> None:
        await postgres_of_a_version.write({name: Scorecard(PLAIN, (score("x"),))})
        for column in ("not_applicable", "ai_scored"):
            await postgres_of_a_version.execute(
                f"ALTER TABLE SCHEMA.scores ALTER {column} TYPE smallint USING {column}::int"
            )
        (found,) = (await read(postgres_of_a_version, name))[name].scores
        assert (found.not_applicable, found.ai_scored) == (0, 1)


async def available(postgres: Postgres, extension: str) -> bool:
    query = "SELECT count(*) FROM pg_available_extensions WHERE name = $1"
    return bool(await postgres.owner.fetchval(query, extension))
