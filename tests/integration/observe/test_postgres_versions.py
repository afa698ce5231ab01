"""PostgreSQL 15 to 18 are read and compared alike: what agrees on one agrees on all, what differs does so in the same field."""

from collections.abc import Callable, Sequence

from observe_stores import PLAIN, Analytics, Postgres, open_both, score

from harness.check.anomalies import Anomaly
from harness.check.convergence import divergences
from harness.check.fields import FieldRules
from harness.model import Header, Scorecard, Snapshot, Versioned
from harness.observe.names import ScorecardName

SCORES = (score("a", 0.1), score("b", None, "é\t\\N'"), score("c", 1e308, ""))
HEADERS = {
    "plain": PLAIN._replace(create_time_us=1_700_000_000_000_000, update_time_us=1_700_000_001_999_999),
    "submitted": PLAIN._replace(submit_time_us=1_700_000_000_123_456, submitter="someone"),
    "odd": PLAIN._replace(template="", agent="語😀", creator="a 'b' \\", overall_score=-0.0),
    "unscored": PLAIN._replace(overall_score=None, create_time_us=0, update_time_us=0),
}
PLANTED = [
    ("scorecards", "template = 'other'", "template"),
    ("scorecards", "agent = agent || ' '", "agent"),
    ("scorecards", "overall_score = overall_score + 1e-10", "overall_score"),
    ("scorecards", "overall_score = NULL", "overall_score"),
    ("scorecards", "submitted_at = '2026-11-24 12:00:00+02'", "submit_time_us"),
    ("scorecards", "submitter_user_id = 'x'", "submitter"),
    ("scorecards", "updated_at = updated_at + interval '1 second'", "update_time_us"),
    ("scores", "numeric_value = 0.2", "scores[a].numeric_value"),
    ("scores", "text_value = ''", "scores[a].text_value"),
    ("scores", "not_applicable = NOT not_applicable", "scores[a].not_applicable"),
]


async def write_both(postgres: Postgres, clickhouse: Analytics, name: ScorecardName, header: Header) -> None:
    await postgres.write({name: Scorecard(header, SCORES)})
    await clickhouse.write(name, [Versioned(header, 7)], [Versioned(score, 7) for score in SCORES])


async def compared(
    postgres: Postgres, clickhouse: Analytics, names: Sequence[ScorecardName]
) -> list[tuple[Snapshot, tuple[Anomaly, ...]]]:
    """Return what `harness verify` sees of each scorecard, and what it finds."""
    async with open_both(postgres, clickhouse) as readers:
        snapshots = await readers.read([str(name) for name in names])
        rules = FieldRules.of(readers.types)
    return [(snapshot, divergences(snapshot.postgres, snapshot.clickhouse, rules)) for snapshot in snapshots]


async def test_what_agrees_on_one_agrees_on_all(
    postgres_of_a_version: Postgres, clickhouse: Analytics, new_name: Callable[[], ScorecardName]
) -> None:
    names = {new_name(): header for header in HEADERS.values()}
    for name, header in names.items():
        await write_both(postgres_of_a_version, clickhouse, name, header)
    results = await compared(postgres_of_a_version, clickhouse, list(names))
    assert repr([s.postgres for s, _ in results]) == repr([Scorecard(header, SCORES) for header in names.values()])
    assert [found for _, found in results] == [()] * len(names)


async def test_what_differs_does_so_in_the_same_field(
    postgres_of_a_version: Postgres, clickhouse: Analytics, new_name: Callable[[], ScorecardName]
) -> None:
    names = [new_name() for _ in PLANTED]
    for name, (table, change, _) in zip(names, PLANTED, strict=True):
        await write_both(postgres_of_a_version, clickhouse, name, HEADERS["plain"])
        only = "" if table == "scorecards" else " AND criterion_id = 'a'"
        await postgres_of_a_version.execute(
            f"UPDATE SCHEMA.{table} SET {change} WHERE scorecard_id = '{name.scorecard}'{only}"
        )
    results = await compared(postgres_of_a_version, clickhouse, names)
    changes = [change for _, change, _ in PLANTED]
    fields = [(change, [a.field for a in found]) for change, (_, found) in zip(changes, results, strict=True)]
    assert fields == [(change, [field]) for _, change, field in PLANTED]


async def test_what_only_one_store_has(
    postgres_of_a_version: Postgres, clickhouse: Analytics, new_name: Callable[[], ScorecardName]
) -> None:
    missing, orphan = new_name(), new_name()
    await postgres_of_a_version.write({missing: Scorecard(PLAIN, ())})
    await clickhouse.write(orphan, [Versioned(PLAIN, 7)])
    results = await compared(postgres_of_a_version, clickhouse, [missing, orphan])
    assert [[a.anomaly_class.value for a in found] for _, found in results] == [["missing_row"], ["orphan_row"]]
