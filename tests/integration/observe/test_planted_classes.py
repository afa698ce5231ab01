"""Each class planted by SQL in both stores: exactly that class is told, and clean data of the same shape gives none."""

import pytest
from observe_stores import Analytics, Postgres, open_both
from planted import (
    CLEAN,
    CREATED_US,
    DRAFT,
    PLANTED,
    SUBMITTED_US,
    UPDATED,
    WHOLE,
    Copy,
    Planted,
    told,
)

from harness.check.anomalies import MAX_WITNESS, Anomaly, AnomalyClass, EventKind, Role
from harness.check.fields import FieldRules
from harness.check.judgement import judged
from harness.model import Scorecard, Versioned
from harness.observe.names import ScorecardName
from harness.service.schema import journal_ddl
from harness.units import US_PER_S


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
async def test_exactly_the_planted_class_is_told(
    postgres: Postgres, clickhouse: Analytics, name: ScorecardName, planted: Planted
) -> None:
    found = await judge(postgres, clickhouse, name, planted)
    classes = {a.anomaly_class for a in found if a.role is not Role.SYMPTOM}
    assert classes == planted.causes
    for cause in found:
        if cause.role is Role.CAUSE:
            assert 2 <= len(cause.witness) <= MAX_WITNESS
            assert cause.witness[-1].kind is EventKind.RULE
            assert [event.kind for event in cause.witness].count(EventKind.RAW) >= min(1, len(planted.copies))
    healthy = planted.causes <= {AnomalyClass.INDETERMINATE} or planted is PLANTED["latent version_tie"]
    assert all(a.role is Role.NOTE for a in found) is healthy


FIRST = WHOLE.scores[0]
OTHER_HEADER = {
    "template": ("other", AnomalyClass.STALE_HEADER),
    "agent": ("other", AnomalyClass.STALE_HEADER),
    "creator": ("other", AnomalyClass.STALE_HEADER),
    "overall_score": (None, AnomalyClass.STALE_OVERALL_SCORE),
    "submit_time_us": (None, AnomalyClass.STALE_SUBMIT_STATE),
    "submitter": ("", AnomalyClass.STALE_SUBMIT_STATE),
    "create_time_us": (SUBMITTED_US, AnomalyClass.STALE_HEADER),
    "update_time_us": (CREATED_US, AnomalyClass.STALE_UPDATE_TIME),
}
OTHER_SCORE = {
    "numeric_value": -1.0,
    "ai_value": -1.0,
    "text_value": "other",
    "not_applicable": not FIRST.not_applicable,
    "ai_scored": not FIRST.ai_scored,
}
SYMPTOMS: dict[str, tuple[Scorecard, AnomalyClass]] = {
    **{
        field: (WHOLE._replace(header=WHOLE.header._replace(**{field: value})), symptom)  # type: ignore[arg-type]
        for field, (value, symptom) in OTHER_HEADER.items()
    },
    **{
        f"scores[{FIRST.criterion}].{field}": (
            WHOLE._replace(scores=(FIRST._replace(**{field: value}), *WHOLE.scores[1:])),  # type: ignore[arg-type]
            AnomalyClass.STALE_SCORE,
        )
        for field, value in OTHER_SCORE.items()
    },
    f"scores[{FIRST.criterion}]": (WHOLE._replace(scores=WHOLE.scores[1:]), AnomalyClass.MISSING_SCORE),
    "scores[further]": (
        WHOLE._replace(scores=(*WHOLE.scores, FIRST._replace(criterion="further"))),
        AnomalyClass.ORPHAN_SCORE,
    ),
}


@pytest.mark.parametrize("field", SYMPTOMS)
async def test_exactly_the_field_that_differs_is_told(
    postgres: Postgres, clickhouse: Analytics, name: ScorecardName, field: str
) -> None:
    shown, symptom = SYMPTOMS[field]
    found = await judge(postgres, clickhouse, name, Planted(WHOLE, [Copy(shown, SUBMITTED_US)]))
    assert [(a.anomaly_class, a.field) for a in found if a.role is Role.SYMPTOM] == [(symptom, field)]


async def test_representation_diff(postgres: Postgres, clickhouse: Analytics, name: ScorecardName) -> None:
    """A single-precision column rounds what PostgreSQL holds: told, and no failure."""
    await clickhouse.send("ALTER TABLE scorecards DROP COLUMN overall_score")
    await clickhouse.send("ALTER TABLE scorecards ADD COLUMN overall_score Nullable(Float32) AFTER creator")
    await postgres.write({name: WHOLE})
    await clickhouse.write(name, [], [Versioned(score, 1) for score in WHOLE.scores])
    header = WHOLE.header
    values = (*(f"'{part}'" for part in (name.customer, name.profile, name.scorecard, header.template, header.agent)),)
    times = (f"toDateTime({int(time) // US_PER_S})" for time in (SUBMITTED_US, CREATED_US, SUBMITTED_US))
    submitted, created, updated = times
    await clickhouse.send(
        "INSERT INTO scorecards SELECT "
        f"{', '.join(values)}, '{header.creator}', {header.overall_score}, {submitted}, '{header.submitter}', {created}, {updated}, 1, 0"
    )
    async with open_both(postgres, clickhouse) as readers:
        (snapshot,) = await readers.read([str(name)])
        found = judged(snapshot, FieldRules.of(readers.types))
    assert [(a.anomaly_class, a.field, a.role) for a in found] == [
        (AnomalyClass.REPRESENTATION_DIFF, "overall_score", Role.NOTE)
    ]


async def test_duplicate_final(postgres: Postgres, clickhouse: Analytics, name: ScorecardName) -> None:
    """A column that changes among those that a table is ordered by: each of its values is a key of its own."""
    await clickhouse.recreate("scorecards", "scorecard_id)", "scorecard_id, submitter_user_id)")
    found = await judge(postgres, clickhouse, name, CLEAN)
    assert {a.anomaly_class for a in found if a.role is Role.CAUSE} == {AnomalyClass.DUPLICATE_FINAL}


@pytest.mark.parametrize("journal", [False, True])
async def test_what_merges_removed_is_lost_without_a_journal_and_told_with_one(
    postgres: Postgres, clickhouse: Analytics, name: ScorecardName, journal: bool
) -> None:
    for statement in journal_ddl(bounded=clickhouse.server.modern) if journal else ():
        await clickhouse.send(statement)
    await clickhouse.send("SYSTEM START MERGES")
    planted = Planted(
        WHOLE, [Copy(DRAFT, SUBMITTED_US + 1), Copy(WHOLE, SUBMITTED_US + 2), Copy(UPDATED, SUBMITTED_US + 3)]
    )
    await plant(postgres, clickhouse, name, planted)
    for table in ("scorecards", "scores"):
        await clickhouse.send(f"OPTIMIZE TABLE {table} FINAL")
    found = await look(postgres, clickhouse, name, planted)
    expected = AnomalyClass.VERSION_INVERSION if journal else AnomalyClass.EVIDENCE_LOST
    assert {a.anomaly_class for a in found if a.role is Role.CAUSE} == {expected}


async def judge(
    postgres: Postgres, clickhouse: Analytics, name: ScorecardName, planted: Planted
) -> tuple[Anomaly, ...]:
    """Plant, look, and return everything that is told."""
    await plant(postgres, clickhouse, name, planted)
    return await look(postgres, clickhouse, name, planted)


async def plant(postgres: Postgres, clickhouse: Analytics, name: ScorecardName, planted: Planted) -> None:
    if planted.postgres is not None:
        await postgres.write({name: planted.postgres})
    for copy in planted.copies:
        rows = clickhouse.header_row(name, Versioned(copy.card.header, copy.version, copy.deleted))
        await insert(clickhouse, "scorecards", rows if copy.header else b"")
        scores = (clickhouse.score_row(name, Versioned(s, copy.version, copy.deleted)) for s in copy.card.scores)
        await insert(clickhouse, "scores", b"".join(scores) if copy.scores else b"")


async def insert(clickhouse: Analytics, table: str, rows: bytes) -> None:
    if rows:
        settings = {"optimize_on_insert": "0"} if clickhouse.server.modern else {}
        statement = f"INSERT INTO {table} FORMAT RowBinary"
        await clickhouse.server.send(statement, rows, database=clickhouse.database, **settings)


async def look(postgres: Postgres, clickhouse: Analytics, name: ScorecardName, planted: Planted) -> tuple[Anomaly, ...]:
    async with open_both(postgres, clickhouse) as readers:
        (snapshot,) = await readers.read([str(name)])
        rules = FieldRules.of(readers.types)
    assert snapshot.postgres == planted.postgres
    if not planted.with_calls:
        assert told(planted, snapshot.clickhouse, rules) == judged(snapshot, rules)
    return told(planted, snapshot.clickhouse, rules)
