"""What keeps ClickHouse from being read is told in one line, which says what is wrong and holds no password."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from observe_stores import PLAIN, Analytics, score
from silent_server import silent_server, web_server

from harness.errors import StoreError
from harness.mapping import ClickHouseMapping
from harness.model import Versioned
from harness.observe import clickhouse as module
from harness.observe.clickhouse_keys import condition
from harness.observe.names import ScorecardName

KEY = "customer_id String, profile_id String, scorecard_id String"


async def failure(clickhouse: Analytics, url: str | None = None, mapping: ClickHouseMapping | None = None) -> str:
    """Return the message with which opening fails; it is one line and hides the password."""
    with pytest.raises(StoreError) as raised:
        async with clickhouse.reader(mapping, url):
            pytest.fail("it was opened")
    return one_line(raised.value, clickhouse)


def one_line(error: StoreError, clickhouse: Analytics) -> str:
    message = str(error)
    assert "\n" not in message
    assert message.startswith("ClickHouse")
    password = clickhouse.server.password
    assert password not in message
    assert quote(password, safe="") not in message
    return message


class TestWhoMayRead:
    @pytest.mark.parametrize("user", ["owner", "reader1", "reader2"])
    async def test_every_user_may(self, clickhouse: Analytics, name: ScorecardName, user: str) -> None:
        await clickhouse.write(name, [Versioned(PLAIN, 1)], [Versioned(score("x"), 1)])
        async with clickhouse.reader(url=clickhouse.url_of(user)) as reader:
            rows = (await reader.read([name]))[name]
        assert [len(part) for part in (rows.final_headers, rows.final_scores)] == [1, 1]
        assert [len(part) for part in (rows.raw_headers, rows.raw_scores)] == [1, 1]

    @pytest.mark.parametrize("user", ["owner", "reader1", "reader2"])
    async def test_the_bulk_reads_cannot_write_whoever_asks(self, clickhouse: Analytics, user: str) -> None:
        async with clickhouse.reader(url=clickhouse.url_of(user)) as reader:
            with pytest.raises(StoreError, match=r"(?i)readonly|read-only"):
                await reader._post("INSERT INTO scores (criterion_id) VALUES ('written')")
        assert (await clickhouse.send("SELECT count() FROM scores")) == b"0\n"


class TestWhatIsMissing:
    @pytest.mark.parametrize("table", ["scorecards", "scores"])
    async def test_a_table(self, clickhouse: Analytics, table: str) -> None:
        await clickhouse.send(f"DROP TABLE {table}")
        message = await failure(clickhouse)
        assert re.search(rf"no table '{table}'.*\[mapping\.clickhouse\]", message)

    async def test_all_tables(self, empty_clickhouse: Analytics) -> None:
        assert "no table 'scorecards'" in await failure(empty_clickhouse)

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("scorecards", "submitter_user_id"),
            ("scorecards", "deleted"),
            ("scores", "ai_scored"),
            ("scores", "deleted"),
        ],
    )
    async def test_a_column(self, clickhouse: Analytics, table: str, column: str) -> None:
        await clickhouse.send(f"ALTER TABLE {table} DROP COLUMN {column}")
        message = await failure(clickhouse)
        assert re.search(rf"table '{table}' has no column {column};.*\[mapping\.clickhouse\]", message)

    async def test_several_columns(self, clickhouse: Analytics) -> None:
        for column in ("agent", "creator"):
            await clickhouse.send(f"ALTER TABLE scorecards DROP COLUMN {column}")
        assert "table 'scorecards' has no column agent, creator;" in await failure(clickhouse)

    async def test_columns_of_the_mapping(self, clickhouse: Analytics) -> None:
        mapping = ClickHouseMapping.model_validate(
            {"version": "revision", "headers": {"scorecard": "uid", "agent": "who"}, "deleted": "gone"}
        )
        message = await failure(clickhouse, mapping=mapping)
        for column in ("uid", "who", "revision", "gone"):
            assert re.search(rf"has no column .*\b{column}\b", message)

    async def test_a_database(self, clickhouse: Analytics) -> None:
        url = clickhouse.server.url("reader2", "no_such_database")
        assert "no_such_database" in await failure(clickhouse, url)


class TestEnginesWithoutVersions:
    @pytest.mark.parametrize(
        "engine", ["MergeTree ORDER BY customer_id", "Memory", "SummingMergeTree ORDER BY customer_id"]
    )
    async def test_are_refused(self, clickhouse: Analytics, engine: str) -> None:
        await clickhouse.send("DROP TABLE scores")
        columns = f"{KEY}, criterion_id String, numeric_value Float64, ai_value Float64, text_value String"
        flags = "not_applicable UInt8, ai_scored UInt8, version UInt64, deleted UInt8"
        await clickhouse.send(f"CREATE TABLE scores ({columns}, {flags}) ENGINE = {engine}")
        message = await failure(clickhouse)
        assert re.search(rf"table 'scores' is a {engine.split(maxsplit=1)[0]}, not a ReplacingMergeTree", message)

    async def test_views_are_refused(self, clickhouse: Analytics) -> None:
        await clickhouse.send("RENAME TABLE scores TO kept_scores")
        await clickhouse.send("CREATE VIEW scores AS SELECT * FROM kept_scores")
        assert "table 'scores' is a View, not a ReplacingMergeTree" in await failure(clickhouse)

    async def test_another_version_column_than_the_engines_is_refused(self, clickhouse: Analytics) -> None:
        await clickhouse.send("ALTER TABLE scores ADD COLUMN revision UInt64")
        await clickhouse.send("ALTER TABLE scorecards ADD COLUMN revision UInt64")
        message = await failure(clickhouse, mapping=ClickHouseMapping(version="revision"))
        assert re.search(r"table 'scorecards' .*version", message)


class TestWhoIsNotLetIn:
    async def test_a_wrong_password(self, clickhouse: Analytics) -> None:
        message = await failure(clickhouse, clickhouse.url_of("reader2", password="wrong-secret"))
        assert re.search(r"(?i)authentication failed|wrong password", message)
        assert "wrong-secret" not in message

    async def test_an_unknown_user(self, clickhouse: Analytics) -> None:
        assert "nobody" in await failure(clickhouse, clickhouse.url_of("nobody"))


class TestWhereNoClickHouseIs:
    async def test_a_closed_port(self, clickhouse: Analytics) -> None:
        message = await failure(clickhouse, "http://u:p%40ss@127.0.0.1:1/coaching")
        assert re.fullmatch(
            r"ClickHouse at http://127\.0\.0\.1:1/coaching cannot be reached: .*127\.0\.0\.1.*", message
        )

    async def test_an_unknown_host(self, clickhouse: Analytics) -> None:
        assert "host.invalid" in await failure(clickhouse, "http://host.invalid/coaching")

    async def test_plain_http_where_tls_was_asked_for(self, clickhouse: Analytics) -> None:
        assert "cannot be reached" in await failure(clickhouse, clickhouse.url.replace("http://", "https://"))

    @pytest.fixture
    async def impatient(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
        monkeypatch.setattr(module, "TIMEOUT_S", 0.2)
        return

    @pytest.mark.usefixtures("impatient")
    async def test_a_port_that_never_answers(self, clickhouse: Analytics) -> None:
        async with silent_server() as port:
            message = await failure(clickhouse, f"http://127.0.0.1:{port}/coaching")
        assert "did not answer within" in message

    @pytest.mark.parametrize("page", ["<html>\n<b>Log in</b>\n</html>", "Ok.\n", "", "0\n"])
    async def test_a_web_server_of_another_kind(self, clickhouse: Analytics, page: str) -> None:
        async with web_server(page) as port:
            message = await failure(clickhouse, f"http://127.0.0.1:{port}/coaching")
        assert message.startswith(f"ClickHouse at http://127.0.0.1:{port}/coaching")


class TestWhileReading:
    @pytest.fixture
    async def slow(self, clickhouse: Analytics, name: ScorecardName, monkeypatch: pytest.MonkeyPatch) -> Analytics:
        """A table that takes a second for each row, and a reader that waits less."""
        monkeypatch.setattr(module, "TIMEOUT_S", 0.5)
        await clickhouse.write(name, [Versioned(PLAIN, 1)])
        await clickhouse.send("ALTER TABLE scorecards ADD COLUMN slow String ALIAS toString(sleepEachRow(1))")
        return clickhouse

    async def test_a_statement_that_takes_too_long(self, slow: Analytics, name: ScorecardName) -> None:
        mapping = ClickHouseMapping.model_validate({"headers": {"agent": "slow"}})
        async with slow.reader(mapping) as reader:
            with pytest.raises(StoreError, match=r"did not answer within|(?i:timeout)") as raised:
                await reader.read([name])
        one_line(raised.value, slow)

    async def test_a_table_that_vanishes(self, clickhouse: Analytics, name: ScorecardName) -> None:
        async with clickhouse.reader() as reader:
            await clickhouse.send("DROP TABLE scores")
            with pytest.raises(StoreError, match=r"scores") as raised:
                await reader.read([name])
        one_line(raised.value, clickhouse)

    async def test_an_exception_behind_the_first_rows(self, clickhouse: Analytics, name: ScorecardName) -> None:
        """A server that has begun to answer puts the exception behind the rows: they must not be taken for all there are."""
        rows = (clickhouse.score_row(name, Versioned(score(f"{number:06}"), 1)) for number in range(100_000))
        await clickhouse.insert("scores", b"".join(rows))
        broken = f"if(criterion_id = '099999', toString(throwIf(criterion_id = '099999')), '{'x' * 100}')"
        await clickhouse.send(f"ALTER TABLE scores ADD COLUMN broken String ALIAS {broken}")
        mapping = ClickHouseMapping.model_validate({"scores": {"text_value": "broken"}})
        async with clickhouse.reader(mapping) as reader:
            with pytest.raises(StoreError, match=r"throwIf") as raised:
                # FINAL alone: RAW rows are sorted, and so all of them made, before the first is sent.
                await reader._rows({name: 0}, reader._scores, condition(reader._scores.key, [name]), None)
        one_line(raised.value, clickhouse)
