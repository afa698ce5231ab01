"""What the unit tests of the judge are made of: calls, scorecards and snapshots with sane defaults."""

from harness.check.fields import FieldRules
from harness.model import (
    Call,
    CallOutcome,
    ClickHouseRows,
    Content,
    Fired,
    Header,
    Method,
    Order,
    Score,
    Scorecard,
    Snapshot,
    StoreTypes,
    Versioned,
)
from harness.plan.content import content_of
from harness.units import NS_PER_MS

NAME = "customers/c/profiles/p/scorecards/s"
CONTENT: Content = content_of(seed=1, iteration=0, scores=2, updates=3)
POSTGRES_TYPES = {
    **dict.fromkeys(("template", "agent", "creator", "submitter", "text_value"), "text"),
    **dict.fromkeys(("overall_score", "numeric_value", "ai_value"), "double precision"),
    **dict.fromkeys(("submit_time_us", "create_time_us", "update_time_us"), "timestamp with time zone"),
    **dict.fromkeys(("not_applicable", "ai_scored"), "boolean"),
}
CLICKHOUSE_TYPES = {
    **dict.fromkeys(("template", "agent", "creator", "submitter"), "String"),
    "text_value": "Nullable(String)",
    **dict.fromkeys(("overall_score", "numeric_value", "ai_value"), "Nullable(Float64)"),
    **dict.fromkeys(("create_time_us", "update_time_us"), "DateTime64(6, 'UTC')"),
    "submit_time_us": "Nullable(DateTime64(6, 'UTC'))",
    **dict.fromkeys(("not_applicable", "ai_scored"), "UInt8"),
}
SUBMIT_TIME_US = 1_700_000_000_123_456


def call(
    method: Method, started_ms: float = 0, outcome: CallOutcome = CallOutcome.ACKNOWLEDGED, **changes: object
) -> Call:
    started_ns = round(started_ms * NS_PER_MS)
    code = {"acknowledged": "OK", "refused": "NOT_FOUND", "indeterminate": "DEADLINE_EXCEEDED"}[outcome]
    made = Call(method, started_ns, started_ns, started_ns + NS_PER_MS, code, "", outcome)
    return made._replace(**changes)  # type: ignore[arg-type]


def fired(
    update: CallOutcome = CallOutcome.ACKNOWLEDGED, submit: CallOutcome = CallOutcome.ACKNOWLEDGED, iteration: int = 0
) -> Fired:
    """An iteration whose last answer came at 299 ms + 1 ms = 300 ms."""
    calls = (call(Method.CREATE, 0), call(Method.UPDATE, 289, update), call(Method.SUBMIT, 299, submit))
    return Fired(iteration, 10.0, Order.UPDATE_FIRST, f"{NAME}{iteration}", calls)


def scorecard(*, updated: bool = True, submitted: bool = True, update: int = 0, **header: object) -> Scorecard:
    """What PostgreSQL holds after the calls that are said to have taken effect; `update` is which of the updates was the last."""
    made = Header(
        CONTENT.template,
        CONTENT.agent,
        CONTENT.creator,
        CONTENT.updates[update].overall_score if updated else CONTENT.created_overall,
        SUBMIT_TIME_US if submitted else None,
        CONTENT.submitter if submitted else "",
        1_699_999_999_000_001,
        1_699_999_999_000_002,
    )
    return Scorecard(made._replace(**header), CONTENT.updates[update].scores if updated else CONTENT.created_scores)  # type: ignore[arg-type]


def field_rules(ignored: frozenset[str] = frozenset(), **clickhouse: str) -> FieldRules:
    """The rules of the reference service's tables, some of ClickHouse's types changed, some fields left out."""
    types = {name: kind for name, kind in (CLICKHOUSE_TYPES | clickhouse).items() if name not in ignored}
    return FieldRules.of(StoreTypes(POSTGRES_TYPES, types))


RULES = field_rules()


def rows(*shown: Scorecard, version: int = 2) -> ClickHouseRows:
    """ClickHouse rows that show the given scorecards, each once."""
    headers = tuple(Versioned(card.header, version) for card in shown)
    scores = tuple(Versioned(score, version) for card in shown for score in card.scores)
    return ClickHouseRows(headers, scores, headers, scores)


def snapshot(
    started_ms: float, postgres: Scorecard | None = None, clickhouse: ClickHouseRows | None = None
) -> Snapshot:
    """A look of one millisecond at a scorecard that is right in PostgreSQL, and in ClickHouse unless said otherwise."""
    held = scorecard() if postgres is None else postgres
    started_ns = round(started_ms * NS_PER_MS)
    return Snapshot(
        NAME + "0", started_ns, started_ns + NS_PER_MS, held, rows(held) if clickhouse is None else clickhouse
    )


def score(criterion: str = "c", **changes: object) -> Score:
    return Score(criterion, 1.5, 2.5, "text", False, True)._replace(**changes)  # type: ignore[arg-type]
