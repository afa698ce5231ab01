"""Names go to ClickHouse as they are: none breaks a query, none reads another's rows, and any number of them is read."""

import uuid
from collections.abc import Callable

import pytest
from observe_stores import PLAIN, Analytics, score

from harness.model import Versioned
from harness.observe.names import ScorecardName

NASTY = [
    "'",
    "\\",
    "\\'",
    "' OR '1'='1",
    "') OR 1=1 --",
    "a'b\\",
    "\t\n\r",
    "{x:String}",
    "%s",
    "`",
    '"',
    "é\U0001f600",
    "??",
    " ",
]


@pytest.mark.parametrize("nasty", NASTY)
async def test_nasty_names_find_their_own_rows_alone(clickhouse: Analytics, nasty: str) -> None:
    names = [ScorecardName(nasty, "p", "s"), ScorecardName("c", nasty, "s"), ScorecardName("c", "p", nasty)]
    other = ScorecardName("c", "p", "s")
    for name in (*names, other):
        await clickhouse.write(name, [Versioned(PLAIN._replace(agent=str(name)), 1)], [Versioned(score("x"), 1)])
    async with clickhouse.reader() as reader:
        found = await reader.read(names)
    assert {name: [row.value.agent for row in rows.final_headers] for name, rows in found.items()} == {
        name: [str(name)] for name in names
    }
    assert [len(rows.raw_scores) for rows in found.values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("one", "two"), [("1", "2"), ("f81d4fae7dec11d0a76500a0c91e6bf6", "01ARZ3NDEKTSV4RRFFQ69G5FAV")]
)
async def test_a_name_takes_no_part_of_another(clickhouse: Analytics, one: str, two: str) -> None:
    """Each part of a name is matched with the others of the same name, not with those of any name that is asked for."""
    stored = [ScorecardName("a", "q", one), ScorecardName("b", "p", one), ScorecardName("a", "p", two)]
    for name in stored:
        await clickhouse.write(name, [Versioned(PLAIN, 1)])
    asked = [ScorecardName("a", "p", one), ScorecardName("b", "q", two), ScorecardName("b", "q", one)]
    async with clickhouse.reader() as reader:
        found = await reader.read(asked)
    assert list(found) == asked
    assert not any(rows.raw_headers for rows in found.values())


async def test_thousands_of_names_are_all_read(clickhouse: Analytics, new_name: Callable[[], ScorecardName]) -> None:
    names = [new_name() for _ in range(2500)]
    headers = (clickhouse.header_row(n, Versioned(PLAIN._replace(agent=n.scorecard), 1)) for n in names)
    await clickhouse.insert("scorecards", b"".join(headers))
    scores = (clickhouse.score_row(n, Versioned(score("x", text=n.scorecard), 1)) for n in names)
    await clickhouse.insert("scores", b"".join(scores))

    async with clickhouse.reader() as reader:
        found = await reader.read(names)

    assert list(found) == names
    for name, rows in found.items():
        assert [row.value.agent for row in rows.final_headers] == [name.scorecard]
        assert [row.value.text_value for row in rows.final_scores] == [name.scorecard]
        assert (len(rows.raw_headers), len(rows.raw_scores)) == (1, 1)


@pytest.mark.parametrize("user", ["owner", "reader1", "reader2"])
async def test_names_of_a_thousand_customers_are_read_at_once(clickhouse: Analytics, user: str) -> None:
    """A list for `verify` may name scorecards of many customers, whose names are as long as they like."""
    names = [
        ScorecardName(f"customer-{n}-{'x' * 60}", f"profile-{n}-{'y' * 60}", uuid.uuid4().hex) for n in range(1000)
    ]
    rows = (clickhouse.header_row(name, Versioned(PLAIN._replace(agent=name.customer), 1)) for name in names)
    await clickhouse.insert("scorecards", b"".join(rows))
    async with clickhouse.reader(url=clickhouse.url_of(user)) as reader:
        found = await reader.read(names)
    assert [found[name].final_headers[0].value.agent for name in names] == [name.customer for name in names]


async def test_long_ids_full_of_quotes_are_read_at_once(clickhouse: Analytics) -> None:
    names = [ScorecardName("c", "p", str(n) + "'" * 300) for n in range(1000)]
    await clickhouse.insert("scorecards", b"".join(clickhouse.header_row(name, Versioned(PLAIN, 1)) for name in names))
    async with clickhouse.reader() as reader:
        found = await reader.read(names)
    assert sum(len(rows.final_headers) for rows in found.values()) == 1000


async def test_a_name_given_twice_is_read_once(clickhouse: Analytics, name: ScorecardName) -> None:
    await clickhouse.write(name, [Versioned(PLAIN, 1)], [Versioned(score("x"), 1)])
    async with clickhouse.reader() as reader:
        found = await reader.read([name, name])
    assert list(found) == [name]
    assert (len(found[name].raw_headers), len(found[name].raw_scores)) == (1, 1)
