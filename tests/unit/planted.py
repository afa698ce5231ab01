"""Each class of what can be wrong as a planted case: what both stores hold, and what must be told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from evidence import CONTENT, RULES, call, scorecard

from harness.check.anomalies import Anomaly, AnomalyClass
from harness.check.causes import causes
from harness.check.convergence import divergences
from harness.check.facts import Case, Written
from harness.check.fields import FieldRules
from harness.check.serial import postgres_anomalies
from harness.model import Call, CallOutcome, ClickHouseRows, Method, Scorecard, Versioned
from harness.units import US_PER_S

# Whole seconds, so that Debian's ClickHouse of long ago holds them exactly too.
CREATED_US, UPDATED_US, SUBMITTED_US = ((1_700_000_000 + second) * US_PER_S for second in (0, 1, 2))
TIMES = {"create_time_us": CREATED_US}
DRAFT = scorecard(updated=False, submitted=False, update_time_us=CREATED_US, **TIMES)
UPDATED = scorecard(submitted=False, update_time_us=UPDATED_US, **TIMES)
ONLY_SUBMITTED = scorecard(updated=False, submit_time_us=SUBMITTED_US, update_time_us=SUBMITTED_US, **TIMES)
WHOLE = scorecard(submit_time_us=SUBMITTED_US, update_time_us=SUBMITTED_US, **TIMES)
CLOBBERED = scorecard(submitted=False, update_time_us=SUBMITTED_US, **TIMES)


@dataclass(frozen=True)
class Copy:
    """One copy as ClickHouse got it; without `header` or `scores` that half of it never came."""

    card: Scorecard
    version: int
    header: bool = True
    scores: bool = True
    deleted: bool = False


@dataclass(frozen=True)
class Planted:
    """What both stores hold, the classes that must be told, and whether the calls must be known for that."""

    postgres: Scorecard | None
    copies: Sequence[Copy]
    causes: set[AnomalyClass] = field(default_factory=set)
    with_calls: bool = False
    submit: CallOutcome = CallOutcome.ACKNOWLEDGED
    writes: tuple[Call, ...] = ()
    """The calls after Create, where they are not one Update and one Submit."""


def time_versions(*cards: Scorecard) -> list[Copy]:
    """Copies with PostgreSQL's update time as their version, as one design has it."""
    return [Copy(card, int(card.header.update_time_us)) for card in cards]


CLEAN = Planted(WHOLE, time_versions(DRAFT, UPDATED, WHOLE))
NEVER = WHOLE._replace(scores=tuple(s._replace(text_value="never written") for s in WHOLE.scores))
PLANTED = {
    "clean": CLEAN,
    "clean, calls known": replace(CLEAN, with_calls=True),
    "clean and late": Planted(WHOLE, [*time_versions(WHOLE), *time_versions(UPDATED)]),
    "clean sequence": Planted(WHOLE, [Copy(DRAFT, 1), Copy(UPDATED, 2), Copy(WHOLE, 3)], with_calls=True),
    "indeterminate": replace(
        CLEAN, with_calls=True, submit=CallOutcome.INDETERMINATE, causes={AnomalyClass.INDETERMINATE}
    ),
    "submit_clobber": Planted(
        CLOBBERED, time_versions(DRAFT, UPDATED, CLOBBERED), {AnomalyClass.SUBMIT_CLOBBER}, with_calls=True
    ),
    "lost_update": Planted(
        ONLY_SUBMITTED, time_versions(DRAFT, UPDATED, ONLY_SUBMITTED), {AnomalyClass.LOST_UPDATE}, with_calls=True
    ),
    "missing_row": Planted(WHOLE, [], {AnomalyClass.MISSING_ROW}),
    "orphan_row": Planted(None, time_versions(DRAFT), {AnomalyClass.ORPHAN_ROW}),
    "orphan_row, deleted in part": Planted(
        None, [*time_versions(DRAFT), Copy(DRAFT, SUBMITTED_US, scores=False, deleted=True)], {AnomalyClass.ORPHAN_ROW}
    ),
    "resurrected_row": Planted(
        None, [Copy(DRAFT, 5), Copy(DRAFT, 5, deleted=True), Copy(DRAFT, 5)], {AnomalyClass.RESURRECTED_ROW}
    ),
    "resurrected_row, of a scorecard that is there": Planted(
        WHOLE,
        [Copy(DRAFT, 7), Copy(DRAFT, 7, deleted=True), Copy(WHOLE, 7), Copy(DRAFT, 7)],
        {AnomalyClass.RESURRECTED_ROW},
    ),
    "version_tie with a tombstone": Planted(
        WHOLE, [Copy(DRAFT, 6), Copy(WHOLE, 7), Copy(WHOLE, 7, deleted=True)], {AnomalyClass.VERSION_TIE}
    ),
    "version_tie": Planted(WHOLE, [Copy(DRAFT, 7), Copy(WHOLE, 8), Copy(UPDATED, 8)], {AnomalyClass.VERSION_TIE}),
    "latent version_tie": Planted(
        WHOLE, [Copy(DRAFT, 7), Copy(UPDATED, 8), Copy(WHOLE, 8)], {AnomalyClass.VERSION_TIE}
    ),
    "version_inversion": Planted(
        WHOLE, [Copy(DRAFT, 7), Copy(WHOLE, 8), Copy(UPDATED, 9)], {AnomalyClass.VERSION_INVERSION}
    ),
    "stale_payload": Planted(
        WHOLE, [*time_versions(DRAFT, UPDATED), Copy(UPDATED, SUBMITTED_US)], {AnomalyClass.STALE_PAYLOAD}
    ),
    "stale_payload, by the calls": Planted(
        WHOLE,
        [Copy(DRAFT, 1), Copy(UPDATED, 2), Copy(ONLY_SUBMITTED, 3)],
        {AnomalyClass.STALE_PAYLOAD},
        with_calls=True,
    ),
    "lost_propagation": Planted(WHOLE, time_versions(DRAFT, UPDATED), {AnomalyClass.LOST_PROPAGATION}),
    "lost_propagation, by the calls": Planted(
        WHOLE, [Copy(DRAFT, 1), Copy(UPDATED, 2)], {AnomalyClass.LOST_PROPAGATION}, with_calls=True
    ),
    "torn_scorecard, no scores": Planted(
        WHOLE,
        [*time_versions(DRAFT), Copy(UPDATED, UPDATED_US, scores=False), Copy(WHOLE, SUBMITTED_US, scores=False)],
        {AnomalyClass.TORN_SCORECARD},
    ),
    "torn_scorecard, no header": Planted(
        WHOLE,
        [*time_versions(DRAFT), Copy(UPDATED, UPDATED_US), Copy(WHOLE, SUBMITTED_US, header=False)],
        {AnomalyClass.TORN_SCORECARD},
    ),
    "torn_scorecard, never any scores": Planted(
        WHOLE, [Copy(WHOLE, SUBMITTED_US, scores=False)], {AnomalyClass.TORN_SCORECARD}
    ),
    "torn_scorecard, of one version": Planted(
        WHOLE,
        [*time_versions(DRAFT, UPDATED), Copy(WHOLE._replace(scores=DRAFT.scores), SUBMITTED_US)],
        {AnomalyClass.TORN_SCORECARD},
        with_calls=True,
    ),
    "phantom_value, rolled back": Planted(
        UPDATED,
        [Copy(DRAFT, 1), Copy(UPDATED, 2), Copy(WHOLE, 3)],
        {AnomalyClass.PHANTOM_VALUE, AnomalyClass.INDETERMINATE},
        with_calls=True,
        submit=CallOutcome.INDETERMINATE,
    ),
    "phantom_value, rolled back, of the version of what was committed then": Planted(
        UPDATED,
        [Copy(DRAFT, 1), Copy(UPDATED, 2), Copy(ONLY_SUBMITTED, 2)],
        {AnomalyClass.PHANTOM_VALUE, AnomalyClass.INDETERMINATE},
        with_calls=True,
        submit=CallOutcome.INDETERMINATE,
    ),
    "phantom_value": Planted(
        WHOLE,
        [*time_versions(DRAFT, UPDATED), Copy(NEVER, SUBMITTED_US)],
        {AnomalyClass.PHANTOM_VALUE},
        with_calls=True,
    ),
}


def calls_of(planted: Planted) -> tuple[Call, ...]:
    """The calls of an iteration that left this."""
    writes = planted.writes or (call(Method.UPDATE, 10), call(Method.SUBMIT, 20, planted.submit))
    return call(Method.CREATE), *writes


def told(planted: Planted, rows: ClickHouseRows, rules: FieldRules = RULES) -> tuple[Anomaly, ...]:
    """Everything that is told of a planted case, as a run or as a comparison without one tells it."""
    calls = calls_of(planted)
    wrong = postgres_anomalies(planted.postgres, CONTENT, calls[1:], rules) if planted.with_calls else ()
    differing = divergences(planted.postgres, rows, rules)
    written = Written(CONTENT, calls) if planted.with_calls else None
    case = Case(planted.postgres, rows, rules, written, wrong, differing)
    return (*causes(case), *wrong, *differing)


def replacing(copies: Sequence[Copy], *, merges: int = 0, complete: bool = False) -> ClickHouseRows:
    """The rows as ReplacingMergeTree has them: of each key FINAL shows the highest version, and of equal ones the last inserted."""
    headers = [
        Versioned(c.card.header, c.version, c.deleted, f"all_{n}_{n}_{merges}")
        for n, c in enumerate(copies)
        if c.header
    ]
    scores = [
        Versioned(score, c.version, c.deleted, f"all_{n}_{n}_{merges}")
        for n, c in enumerate(copies)
        for score in (c.card.scores if c.scores else ())
    ]
    criteria = sorted({row.value.criterion for row in scores})
    final_scores = (
        max([r for r in reversed(scores) if r.value.criterion == c], key=lambda r: r.version) for c in criteria
    )
    final_headers = (max(reversed(headers), key=lambda row: row.version),) if headers else ()
    by_version = sorted(headers, key=lambda row: row.version), sorted(scores, key=lambda row: row.version)
    return ClickHouseRows(final_headers, tuple(final_scores), tuple(by_version[0]), tuple(by_version[1]), complete)
