"""The events that decide a cause, for a reader who has to believe it: calls, PostgreSQL's last change, RAW versions, and the rule. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.check.anomalies import MAX_WITNESS, Event, EventKind
from harness.check.facts import Facts, Row
from harness.check.version_time import version_time
from harness.model import Call, Header, Score, Versioned
from harness.units import NS_PER_MS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_TEXT = 40


def witness_of(facts: Facts, row: Row[Any], deciding: Sequence[Versioned[Any]], rule: str) -> tuple[Event, ...]:
    """Return the events, MAX_WITNESS at most, the rule the last; `deciding` are the RAW versions that must be among them."""
    calls = () if facts.case.written is None else facts.case.written.calls
    events = [Event(EventKind.CALL, _call(call, calls[0])) for call in calls]
    events += _commits(facts)
    room = MAX_WITNESS - 1 - len(events)
    chosen = [version for number, version in enumerate(deciding) if version not in deciding[:number]][:room]
    for version in reversed(row.raw):
        if len(chosen) < room and version not in chosen:
            chosen.append(version)
    chosen.sort(key=lambda version: version.version)
    events += (Event(EventKind.RAW, _raw(version)) for version in chosen)
    return (*events[: MAX_WITNESS - 1], Event(EventKind.RULE, rule))


def instant(microseconds: Any) -> str:
    """Return an instant in UTC to the microsecond, as text for what no calendar has."""
    try:
        return f"{EPOCH + timedelta(microseconds=int(microseconds)):%Y-%m-%d %H:%M:%S.%f}"
    except OverflowError:
        return "infinity" if microseconds > 0 else "-infinity"


def _call(call: Call, first: Call) -> str:
    started_ms = (call.started_ns - first.started_ns) / NS_PER_MS
    took_ms = (call.finished_ns - call.started_ns) / NS_PER_MS
    return f"{call.method} started at {started_ms:.3f} ms, {call.outcome} ({call.code}) after {took_ms:.3f} ms"


def _commits(facts: Facts) -> Iterator[Event]:
    postgres = facts.case.postgres
    if postgres is None:
        yield Event(EventKind.COMMIT, "PostgreSQL has no such row")
        return
    yield Event(
        EventKind.COMMIT,
        f"PostgreSQL's row was last changed at {instant(postgres.header.update_time_us)}: {_content(postgres.header)}",
    )


def _raw(row: Versioned[Any]) -> str:
    time = version_time(row.version)
    when = "" if time is None else f" ({instant(time.earliest_us)})"
    where = f", part {row.part}" if row.part else ", merged away since"
    return f"RAW version {row.version}{when}{where}: {'tombstone, ' if row.deleted else ''}{_content(row.value)}"


def _content(row: Header | Score) -> str:
    if isinstance(row, Score):
        return f"score {row.criterion} = {row.numeric_value}, text {_short(row.text_value)}"
    state = "draft" if row.submit_time_us is None else f"submitted by {_short(row.submitter)}"
    return f"{state}, overall {row.overall_score}"


def _short(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= MAX_TEXT else f"{shown[: MAX_TEXT - 3]}..."
