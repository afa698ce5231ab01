"""The same rows in both stores, made inside each engine, and differences planted among them."""

import math

from harness.bulk.request import BulkTable

KEY = ("customer_id", "profile_id", "scorecard_id")
VALUES = {
    BulkTable.HEADERS: (
        *("template", "agent", "creator", "overall_score"),
        *("submitted_at", "submitter_user_id", "created_at", "updated_at"),
    ),
    BulkTable.SCORES: ("criterion_id", "numeric_value", "ai_value", "text_value", "not_applicable", "ai_scored"),
}
TABLES = {BulkTable.HEADERS: "scorecards", BulkTable.SCORES: "scores"}
SCORES_EACH = 5
START_S = 1_700_000_000

POSTGRES_HEADERS = f"""
INSERT INTO scorecards SELECT 'customer-' || i % 10, 'profile-' || i % 100, md5(i::text)::uuid::text, 'template-' || i % 7,
    'agent-' || i % 5000, 'creator-' || i % 500, CASE WHEN i % 11 = 0 THEN NULL ELSE (i % 1000) / 10.0::float8 END,
    CASE WHEN i % 3 = 0 THEN NULL ELSE to_timestamp({START_S} + i) END, CASE WHEN i % 3 = 0 THEN '' ELSE 'user-' || i % 300 END,
    to_timestamp({START_S} + i), to_timestamp({START_S} + i) + interval '123457 microseconds'
FROM generate_series(0, $ROWS - 1) AS i
"""
POSTGRES_SCORES = """
INSERT INTO scores SELECT 'customer-' || i % 10, 'profile-' || i % 100, md5(i::text)::uuid::text, 'criterion-' || c, (i % 7) / 2.0::float8,
    CASE WHEN c = 1 THEN NULL ELSE (i % 5) / 4.0::float8 END, CASE WHEN c = 2 THEN 'text ' || i % 9 END, c = 3, c = 4
FROM generate_series(0, $ROWS - 1) AS i, generate_series(1, $SCORES) AS c
"""
_CLICKHOUSE_KEY = (
    "concat('customer-', toString(i % 10)), concat('profile-', toString(i % 100)), UUIDNumToString(MD5(toString(i)))"
)
CLICKHOUSE_HEADERS = f"""
INSERT INTO scorecards SELECT {_CLICKHOUSE_KEY}, concat('template-', toString(i % 7)), concat('agent-', toString(i % 5000)),
    concat('creator-', toString(i % 500)), if(i % 11 = 0, NULL, (i % 1000) / 10.), if(i % 3 = 0, NULL, $CREATED),
    if(i % 3 = 0, '', concat('user-', toString(i % 300))), $CREATED, $UPDATED, $VERSION, 0
FROM (SELECT number AS i FROM system.numbers LIMIT $ROWS)
"""
CLICKHOUSE_SCORES = f"""
INSERT INTO scores SELECT {_CLICKHOUSE_KEY}, concat('criterion-', toString(c)), (i % 7) / 2., if(c = 1, NULL, (i % 5) / 4.),
    if(c = 2, concat('text ', toString(i % 9)), NULL), c = 3, c = 4, $VERSION, 0
FROM (SELECT number AS i, arrayJoin($CRITERIA) AS c FROM (SELECT number FROM system.numbers LIMIT $ROWS))
"""


def fill_postgres(rows: int, scores: int) -> list[str]:
    """Return the statements that fill PostgreSQL with `rows` scorecards and `scores` scores of each."""
    # Looking five million foreign keys up takes longer than all that is measured.
    first = "ALTER TABLE scores DROP CONSTRAINT scores_customer_id_profile_id_scorecard_id_fkey"
    # What filling left to do would be done while something is measured.
    last = ("VACUUM ANALYZE scorecards", "VACUUM ANALYZE scores", "CHECKPOINT")
    fills = (s.replace("$ROWS", str(rows)).replace("$SCORES", str(scores)) for s in (POSTGRES_HEADERS, POSTGRES_SCORES))
    return [first, *fills, *last]


def fill_clickhouse(rows: int, scores: int, version: int, *, datetime64: bool) -> list[str]:
    """Return the statements that fill ClickHouse with one version of the same rows."""
    created, updated = (
        f"fromUnixTimestamp64Micro(toInt64(({START_S} + i) * 1000000 + {micros}), 'UTC')"
        if datetime64
        else f"toDateTime({START_S} + i)"
        for micros in (0, 123457)
    )
    headers = CLICKHOUSE_HEADERS.replace("$CREATED", created).replace("$UPDATED", updated)
    statements = (
        [headers, CLICKHOUSE_SCORES.replace("$CRITERIA", str(list(range(1, scores + 1))))] if scores else [headers]
    )
    return [s.replace("$ROWS", str(rows)).replace("$VERSION", str(version)) for s in statements]


# As a table is that was filled long ago. What the engine merges by itself it merges while something is measured.
MERGE = ("OPTIMIZE TABLE scorecards FINAL", "OPTIMIZE TABLE scores FINAL")


def plant(rows: int, differences: int) -> tuple[list[str], list[str]]:
    """Return statements for PostgreSQL and for ClickHouse that make this many scorecards differ, spread over the whole table.

    A third has another value, a third is missing in ClickHouse and a third is an orphan there.
    """
    step = _step(rows, differences)
    stale, missing = (f"number % {3 * step} = {offset * step}" for offset in (0, 1))
    ids = f"SELECT UUIDNumToString(MD5(toString(number))) FROM (SELECT number FROM system.numbers LIMIT {step * differences}) WHERE "
    columns = ", ".join((*KEY, *VALUES[BulkTable.HEADERS]))
    gone = f"SELECT md5(n::text)::uuid::text FROM generate_series(0, {step * differences - 1}) AS n WHERE n % {3 * step} = {2 * step}"
    return (
        [f"DELETE FROM scorecards WHERE scorecard_id IN ({gone})"],
        [
            f"INSERT INTO scorecards SELECT {values}, 2, {deleted} FROM scorecards WHERE scorecard_id IN ({ids}{which})"
            for values, deleted, which in ((columns.replace("agent", "'planted'"), 0, stale), (columns, 1, missing))
        ],
    )


def planted_ids(rows: int, differences: int) -> str:
    """Return PostgreSQL's query for the ids of the planted scorecards."""
    step = _step(rows, differences)
    return f"SELECT md5(n::text)::uuid::text FROM generate_series(0, {step * differences - 1}, {step}) AS n"


def _step(rows: int, differences: int) -> int:
    """Return every how many rows one is planted: never a multiple of what customers and profiles are counted by, so that all have some."""
    return next(step for step in range(rows // differences, 0, -1) if math.gcd(step, 100) == 1)
