"""The events that decide a cause, for a reader who has to believe it: calls, PostgreSQL's last change, RAW versions, and the rule. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.check.anomalies import MAX_WITNESS, Event, EventKind
from harness.check.facts import Facts, Row, Written
from harness.check.version_time import version_time
from harness.model import Call, Header, Method, Score, Versioned
from harness.units import NS_PER_MS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_TEXT = 40
# How many RAW versions are shown rather than calls where there is no room for all: of two that contradict each other, a few of each.
MAX_BESIDE_CALLS = 4


def witness_of(facts: Facts, row: Row[Any], deciding: Sequence[Versioned[Any]], rule: str) -> tuple[Event, ...]:
    """Return the events, MAX_WITNESS at most, the rule the last; `deciding` are the RAW versions that must be among them."""
    chosen = [version for number, version in enumerate(deciding) if version not in deciding[:number]]
    events = _calls(facts, MAX_WITNESS - 2 - min(len(chosen), MAX_BESIDE_CALLS))
    events += _commits(facts)
    room = MAX_WITNESS - 1 - len(events)
    chosen = chosen[:room]
    for version in reversed(row.raw):
        if len(chosen) < room and version not in chosen:
            chosen.append(version)
    chosen.sort(key=lambda version: version.version)
    events += (Event(EventKind.RAW, _raw(version)) for version in chosen)
    return (*events, Event(EventKind.RULE, rule))


def instant(microseconds: Any) -> str:
    """Return an instant in UTC to the microsecond, as text for what no calendar has."""
    try:
        return f"{EPOCH + timedelta(microseconds=int(microseconds)):%Y-%m-%d %H:%M:%S.%f}"
    except OverflowError:
        return "infinity" if microseconds > 0 else "-infinity"


def _calls(facts: Facts, room: int) -> list[Event]:
    """Return a line for each call; where there are more than `room`, the first and the last, and between them how many are left out."""
    written = facts.case.written
    if written is None:
        return []
    texts = [_call(call, written) for call in written.calls]
    if len(texts) > room:
        left_out = len(texts) - room + 1
        texts[1 : 1 + left_out] = [f"{left_out} calls more"]
    return [Event(EventKind.CALL, text) for text in texts]


def _call(call: Call, written: Written) -> str:
    started_ms = (call.started_ns - written.calls[0].started_ns) / NS_PER_MS
    took_ms = (call.finished_ns - call.started_ns) / NS_PER_MS
    name = _name(call, written)
    return f"{name} started at {started_ms:.3f} ms, {call.outcome} ({call.code}) after {took_ms:.3f} ms"


def _name(call: Call, written: Written) -> str:
    """Return a call's method, and of one of several Updates what it sets, by which the rows are told apart too."""
    if call.method is not Method.UPDATE or [one.method for one in written.calls].count(Method.UPDATE) == 1:
        return call.method
    return f"{call.method} of overall {written.content.updates[call.update].overall_score}"


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
