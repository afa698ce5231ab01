"""RAW shows every version in order, FINAL the one that holds; nothing is left out and nothing made up."""

from collections.abc import Callable

from observe_stores import PLAIN, US_PER_S, Analytics, score

from harness.mapping import ClickHouseMapping
from harness.model import ClickHouseRows, Header, Versioned
from harness.observe.names import ScorecardName


def by_agent(agent: str) -> Header:
    """Return a header that tells who wrote it; its times are whole seconds, which every engine keeps."""
    return PLAIN._replace(agent=agent, create_time_us=US_PER_S, update_time_us=2 * US_PER_S)


async def read_one(clickhouse: Analytics, name: ScorecardName) -> ClickHouseRows:
    async with clickhouse.reader() as reader:
        return (await reader.read([name]))[name]


class TestVersions:
    async def test_raw_has_all_in_order_and_final_the_highest(self, clickhouse: Analytics, name: ScorecardName) -> None:
        for version in (30, 9, 2**63, 100):
            row = Versioned(score("a", float(version)), version)
            await clickhouse.write(name, [Versioned(by_agent(f"at-{version}"), version)], [row])

        rows = await read_one(clickhouse, name)

        headers = tuple(Versioned(by_agent(f"at-{version}"), version) for version in (9, 30, 100, 2**63))
        scores = tuple(Versioned(score("a", float(version)), version) for version in (9, 30, 100, 2**63))
        assert (rows.raw_headers, rows.final_headers) == (headers, headers[-1:])
        assert (rows.raw_scores, rows.final_scores) == (scores, scores[-1:])

    async def test_final_and_raw_agree_after_a_merge(self, clickhouse: Analytics, name: ScorecardName) -> None:
        for version in (1, 2):
            await clickhouse.write(name, [Versioned(by_agent(f"at-{version}"), version)])
        await clickhouse.send("SYSTEM START MERGES")
        await clickhouse.send("OPTIMIZE TABLE scorecards FINAL")

        rows = await read_one(clickhouse, name)

        assert rows.raw_headers == rows.final_headers == (Versioned(by_agent("at-2"), 2),)

    async def test_of_one_version_all_stand_in_raw_as_they_were_inserted(
        self, clickhouse: Analytics, name: ScorecardName
    ) -> None:
        written = tuple(Versioned(by_agent(f"insert-{number}"), 5) for number in range(12))
        for row in written:
            await clickhouse.write(name, [row])

        rows = await read_one(clickhouse, name)

        assert rows.raw_headers == written
        assert rows.final_headers == written[-1:]

    async def test_final_scores_are_sorted_by_criterion(self, clickhouse: Analytics, name: ScorecardName) -> None:
        """As Python sorts text, which for bytes that are no UTF-8 is not as ClickHouse sorts it."""
        criteria = ("b", "\U0001f600", "Z", "\udcff", "é", "a")
        await clickhouse.write(name, [Versioned(PLAIN, 1)], [Versioned(score(criterion), 1) for criterion in criteria])
        read = [row.value.criterion for row in (await read_one(clickhouse, name)).final_scores]
        assert read == ["Z", "a", "b", "é", "\udcff", "\U0001f600"]

    async def test_of_versions_that_are_times_as_the_column_has_them(
        self, clickhouse: Analytics, name: ScorecardName
    ) -> None:
        kind = "DateTime64(3, 'UTC')" if clickhouse.server.modern else "DateTime('UTC')"
        await clickhouse.send("DROP TABLE scorecards")
        await clickhouse.send(
            "CREATE TABLE scorecards (customer_id String, profile_id String, scorecard_id String, agent String, "
            f"changed {kind}, created_at {kind}) ENGINE = ReplacingMergeTree(changed) "
            "ORDER BY (customer_id, profile_id, scorecard_id)"
        )
        await clickhouse.send("SYSTEM STOP MERGES")
        modern = clickhouse.server.modern
        times = {"new": "00:00:01.750", "old": "00:00:01.250"} if modern else {"new": "00:00:02", "old": "00:00:01"}
        for agent, time in times.items():
            values = f"'c', 'p', '{name.scorecard}', '{agent}', '1970-01-01 {time}', '1970-01-01 {time}'"
            await clickhouse.send(f"INSERT INTO scorecards VALUES ({values})")
        await clickhouse.recreate("scores", "version", "changed")

        async with clickhouse.reader(_only_agent_and_create_time("changed")) as reader:
            rows = (await reader.read([name]))[name]

        assert [row.value.agent for row in rows.raw_headers] == ["old", "new"]
        assert [row.value.agent for row in rows.final_headers] == ["new"]
        assert rows.raw_headers[0].version < rows.raw_headers[1].version
        times_us = [1_250_000, 1_750_000] if modern else [US_PER_S, 2 * US_PER_S]
        assert [row.value.create_time_us for row in rows.raw_headers] == times_us


class TestTombstones:
    async def test_are_told_from_live_rows(self, clickhouse: Analytics, name: ScorecardName) -> None:
        live, gone = Versioned(by_agent("a"), 1), Versioned(by_agent("a"), 2, deleted=True)
        for row in (gone, live):
            await clickhouse.write(name, [row], [Versioned(score("x"), row.version, row.deleted)])

        rows = await read_one(clickhouse, name)

        assert (rows.raw_headers, rows.final_headers) == ((live, gone), (gone,))
        assert [(row.version, row.deleted) for row in rows.raw_scores] == [(1, False), (2, True)]
        assert [row.deleted for row in rows.final_scores] == [True]

    async def test_that_the_engine_knows_are_in_raw_alone(self, modern: Analytics, name: ScorecardName) -> None:
        await modern.recreate("scorecards", "ReplacingMergeTree(version)", "ReplacingMergeTree(version, deleted)")
        for row in (Versioned(by_agent("a"), 1), Versioned(by_agent("a"), 2, deleted=True)):
            await modern.write(name, [row])

        rows = await read_one(modern, name)

        assert rows.final_headers == ()
        assert [row.deleted for row in rows.raw_headers] == [False, True]

    async def test_are_none_where_the_mapping_has_no_such_column(
        self, clickhouse: Analytics, name: ScorecardName
    ) -> None:
        await clickhouse.write(name, [Versioned(by_agent("a"), 1, deleted=True)])
        mapping = ClickHouseMapping.model_validate({"deleted": False})
        async with clickhouse.reader(mapping) as reader:
            rows = (await reader.read([name]))[name]
        assert [row.deleted for row in rows.final_headers] == [False]


class TestWhatIsNotThere:
    async def test_gives_empty_rows(self, clickhouse: Analytics, name: ScorecardName) -> None:
        rows = await read_one(clickhouse, name)
        assert rows == ClickHouseRows()

    async def test_leaves_the_others_as_they_are(
        self, clickhouse: Analytics, new_name: Callable[[], ScorecardName]
    ) -> None:
        only_header, only_score, nothing = new_name(), new_name(), new_name()
        await clickhouse.write(only_header, [Versioned(by_agent("a"), 1)])
        await clickhouse.write(only_score, [], [Versioned(score("x"), 1)])

        async with clickhouse.reader() as reader:
            found = await reader.read([only_header, nothing, only_score])

        assert list(found) == [only_header, nothing, only_score]
        assert [len(rows.final_headers) for rows in found.values()] == [1, 0, 0]
        assert [len(rows.final_scores) for rows in found.values()] == [0, 0, 1]

    async def test_no_names_give_nothing(self, clickhouse: Analytics) -> None:
        async with clickhouse.reader() as reader:
            assert await reader.read([]) == {}


def _only_agent_and_create_time(version: str) -> ClickHouseMapping:
    absent = ("template", "creator", "overall_score", "submit_time_us", "submitter", "update_time_us")
    headers = dict.fromkeys(absent, False)
    return ClickHouseMapping.model_validate({"headers": headers, "version": version, "deleted": False})
