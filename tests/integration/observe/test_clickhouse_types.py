"""Whatever type a mapped column has, its values come out as they are or not at all."""

from decimal import Decimal

import pytest
from observe_stores import PLAIN, US_PER_S, Analytics, score

from harness.errors import StoreError
from harness.mapping import ClickHouseMapping
from harness.model import ClickHouseRows, Header, Score, Versioned
from harness.observe.names import ScorecardName

WHOLE = PLAIN._replace(create_time_us=US_PER_S, update_time_us=2 * US_PER_S)
BYTES = "".join(map(chr, range(1, 128)))


async def with_columns(clickhouse: Analytics, table: str, **kinds: str) -> None:
    """Give columns of a table other types; its key stays."""
    for column, kind in kinds.items():
        await clickhouse.send(f"ALTER TABLE {table} MODIFY COLUMN {column} {kind}")


async def insert(clickhouse: Analytics, table: str, name: ScorecardName, **values: str) -> None:
    """Insert a row of ClickHouse's own expressions; what is not given is the column's default."""
    values = {"customer_id": f"'{name.customer}'", "profile_id": "'p'", "scorecard_id": f"'{name.scorecard}'"} | values
    await clickhouse.send(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})")


async def read_one(clickhouse: Analytics, name: ScorecardName) -> ClickHouseRows:
    async with clickhouse.reader() as reader:
        return (await reader.read([name]))[name]


async def header_of(clickhouse: Analytics, name: ScorecardName) -> Header:
    rows = await read_one(clickhouse, name)
    (row,) = rows.raw_headers
    assert repr(rows.final_headers) == repr((row._replace(part=""),))
    return row.value


async def score_of(clickhouse: Analytics, name: ScorecardName) -> Score:
    rows = await read_one(clickhouse, name)
    (row,) = rows.raw_scores
    assert repr(rows.final_scores) == repr((row._replace(part=""),))
    return row.value


class TestTexts:
    @pytest.mark.parametrize(
        "text", [BYTES, "\0", "\0\0'\\0", "\\N", "NULL", "", "\udcff\udc80", "é\udce9", "\\\n\t\\"]
    )
    async def test_are_exact_in_every_byte(self, clickhouse: Analytics, name: ScorecardName, text: str) -> None:
        await clickhouse.write(
            name, [Versioned(WHOLE._replace(agent=text, submitter=text), 1)], [Versioned(score("x", text=text), 1)]
        )
        header = await header_of(clickhouse, name)
        assert (header.agent, header.submitter) == (text, text)
        assert (await score_of(clickhouse, name)).text_value == text

    async def test_null_is_none_and_nothing_else(self, clickhouse: Analytics, name: ScorecardName) -> None:
        columns = ("template", "agent", "creator", "submitter_user_id")
        await with_columns(clickhouse, "scorecards", **dict.fromkeys(columns, "Nullable(String)"))
        await insert(
            clickhouse, "scorecards", name, template="NULL", agent="''", creator=r"'\\N'", submitter_user_id="'N'"
        )
        header = await header_of(clickhouse, name)
        assert (header.template, header.agent, header.creator, header.submitter) == (None, "", "\\N", "N")

    async def test_may_be_of_low_cardinality(self, modern: Analytics, name: ScorecardName) -> None:
        await with_columns(modern, "scorecards", template="LowCardinality(String)")
        await modern.write(name, [Versioned(WHOLE._replace(template="a\tb"), 1)])
        assert (await header_of(modern, name)).template == "a\tb"


class TestNumbers:
    async def test_null_is_told_from_zero(self, clickhouse: Analytics, name: ScorecardName) -> None:
        await clickhouse.write(
            name, [], [Versioned(Score("x", None, 0.0, None, not_applicable=False, ai_scored=False), 1)]
        )
        assert await score_of(clickhouse, name) == Score("x", None, 0.0, None, not_applicable=False, ai_scored=False)

    async def test_of_single_precision_are_what_the_column_kept(
        self, clickhouse: Analytics, name: ScorecardName
    ) -> None:
        await with_columns(clickhouse, "scorecards", overall_score="Nullable(Float32)")
        await insert(clickhouse, "scorecards", name, overall_score="0.1")
        assert (await header_of(clickhouse, name)).overall_score == 0.10000000149011612

    async def test_may_be_decimals(self, clickhouse: Analytics, name: ScorecardName) -> None:
        nullable = clickhouse.server.modern
        await clickhouse.send("ALTER TABLE scorecards DROP COLUMN overall_score")
        kind = "Nullable(Decimal(18, 4))" if nullable else "Decimal(18, 4)"
        await clickhouse.send(f"ALTER TABLE scorecards ADD COLUMN overall_score {kind}")
        await insert(clickhouse, "scorecards", name, overall_score="toDecimal64('12.3456', 4)")
        assert (await header_of(clickhouse, name)).overall_score == Decimal("12.3456")

    async def test_may_be_whole_numbers(self, clickhouse: Analytics, name: ScorecardName) -> None:
        await with_columns(clickhouse, "scorecards", overall_score="Nullable(Int64)")
        await insert(clickhouse, "scorecards", name, overall_score="-7")
        assert repr((await header_of(clickhouse, name)).overall_score) == "-7"


class TestFlags:
    async def test_null_is_neither_true_nor_false(self, clickhouse: Analytics, name: ScorecardName) -> None:
        await with_columns(clickhouse, "scores", not_applicable="Nullable(UInt8)", ai_scored="Nullable(UInt8)")
        await insert(clickhouse, "scores", name, criterion_id="'x'", not_applicable="NULL", ai_scored="0")
        read = await score_of(clickhouse, name)
        assert (read.not_applicable, read.ai_scored) == (None, False)

    async def test_may_be_booleans(self, modern: Analytics, name: ScorecardName) -> None:
        await with_columns(modern, "scores", not_applicable="Bool", ai_scored="Nullable(Bool)")
        await insert(modern, "scores", name, criterion_id="'x'", not_applicable="true", ai_scored="false")
        read = await score_of(modern, name)
        assert (read.not_applicable, read.ai_scored) == (True, False)


class TestTimes:
    @pytest.mark.parametrize(
        ("precision", "time_us"),
        [(0, -1_000_000), (3, -1_001_000), (6, -1_000_001), (9, 1_700_000_000_123_456)],
    )
    async def test_are_exact_at_every_precision(
        self, modern: Analytics, name: ScorecardName, precision: int, time_us: int
    ) -> None:
        column = f"fromUnixTimestamp64Micro(toInt64({time_us}), 'Asia/Kolkata')"
        for other in ("submitted_at", "updated_at"):
            await modern.send(f"ALTER TABLE scorecards DROP COLUMN {other}")
        await modern.send(f"ALTER TABLE scorecards ADD COLUMN updated_at DateTime64({precision}, 'Asia/Kolkata')")
        await modern.send(f"ALTER TABLE scorecards ADD COLUMN submitted_at Nullable(DateTime64({precision}))")
        times = {"created_at": "toDateTime64(0, 6)", "updated_at": column, "submitted_at": column}
        await insert(modern, "scorecards", name, **times)
        rows = await read_one(modern, name)
        (row,) = rows.final_headers
        assert (row.value.update_time_us, row.value.submit_time_us, row.value.create_time_us) == (time_us, time_us, 0)

    async def test_do_not_depend_on_the_columns_time_zone(self, clickhouse: Analytics, name: ScorecardName) -> None:
        for column, zone in (("created_at", "Asia/Kolkata"), ("updated_at", "America/St_Johns")):
            await clickhouse.send(f"ALTER TABLE scorecards DROP COLUMN {column}")
            await clickhouse.send(f"ALTER TABLE scorecards ADD COLUMN {column} DateTime('{zone}')")
        await insert(clickhouse, "scorecards", name, created_at="1700000000", updated_at="4294967295")
        header = await header_of(clickhouse, name)
        assert (header.create_time_us, header.update_time_us) == (1_700_000_000 * US_PER_S, 4_294_967_295 * US_PER_S)

    async def test_null_is_none_where_a_time_may_be_null(self, clickhouse: Analytics, name: ScorecardName) -> None:
        for column in ("created_at", "updated_at"):
            await clickhouse.send(f"ALTER TABLE scorecards DROP COLUMN {column}")
            await clickhouse.send(f"ALTER TABLE scorecards ADD COLUMN {column} Nullable(DateTime('UTC'))")
        await insert(clickhouse, "scorecards", name, created_at="NULL", updated_at="1700000000")
        header = await header_of(clickhouse, name)
        assert (header.create_time_us, header.update_time_us) == (None, 1_700_000_000 * US_PER_S)

    async def test_of_another_kind_are_refused_by_name(self, clickhouse: Analytics) -> None:
        await clickhouse.send("ALTER TABLE scorecards DROP COLUMN updated_at")
        await clickhouse.send("ALTER TABLE scorecards ADD COLUMN updated_at Int64")
        with pytest.raises(
            StoreError, match=r"updated_at is a Int64; a time must be a DateTime, a DateTime64 or a Date"
        ):
            async with clickhouse.reader():
                pass


class TestColumnsOfOtherNames:
    async def test_may_be_words_of_sql(self, clickhouse: Analytics, name: ScorecardName) -> None:
        words = {
            "template": "from",
            "agent": "order",
            "creator": "interval",
            "submitter": "null",
            "overall_score": "distinct",
        }
        kinds = {"overall_score": "Nullable(Float64)"}
        for field, word in words.items():
            await clickhouse.send(f"ALTER TABLE scorecards ADD COLUMN `{word}` {kinds.get(field, 'String')}")
        values = {f"`{word}`": "0.25" if field in kinds else f"'{field}'" for field, word in words.items()}
        await insert(clickhouse, "scorecards", name, **values)
        mapping = {"headers": words}
        async with clickhouse.reader(_mapping(mapping)) as reader:
            (row,) = (await reader.read([name]))[name].raw_headers
        header = row.value
        texts = header.template, header.agent, header.creator, header.submitter
        assert (*texts, header.overall_score) == ("template", "agent", "creator", "submitter", 0.25)

    async def test_may_be_missing_where_the_mapping_says_so(self, clickhouse: Analytics, name: ScorecardName) -> None:
        for column in ("overall_score", "submitted_at", "submitter_user_id", "created_at", "updated_at"):
            await clickhouse.send(f"ALTER TABLE scorecards DROP COLUMN {column}")
        for column in ("ai_value", "text_value", "not_applicable", "ai_scored"):
            await clickhouse.send(f"ALTER TABLE scores DROP COLUMN {column}")
        await insert(clickhouse, "scorecards", name, agent="'a'")
        await insert(clickhouse, "scores", name, criterion_id="'x'", numeric_value="2")
        headers = ("overall_score", "submit_time_us", "submitter", "create_time_us", "update_time_us")
        scores = ("ai_value", "text_value", "not_applicable", "ai_scored")
        absent = {"headers": dict.fromkeys(headers, False), "scores": dict.fromkeys(scores, False)}
        async with clickhouse.reader(_mapping(absent)) as reader:
            rows = (await reader.read([name]))[name]
        assert [row.value.agent for row in rows.final_headers] == ["a"]
        assert [(row.value.criterion, row.value.numeric_value) for row in rows.final_scores] == [("x", 2.0)]


def _mapping(values: dict[str, object]) -> ClickHouseMapping:
    return ClickHouseMapping.model_validate(values)
