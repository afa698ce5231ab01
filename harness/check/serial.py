"""Is PostgreSQL itself right? The states that the calls of one iteration can have left, and whether a row is one of them.

Definitions. An acknowledged call took effect exactly once; a refused one did not; an indeterminate one did or did not. Each order of the
calls that took effect is *serial*: each call sees what the one before it left. An Update that was acknowledged before another was started
comes before that one. Nothing else is known of the order: not of Update and Submit, which set different fields, so that no row tells it;
not of Updates that overlapped in time; not after an indeterminate call, which may take effect long after its caller gave up. A row is
*explained* when some serial order of some allowed set of effects ends in it. The times that the service sets itself are not predicted,
only whether a submit time is there.

All Updates set the same fields. So a state is told by the last Update before it, if there was any, and by whether Submit was; and of the
n! orders of n calls nothing else has to be asked than which Update can be the last, and which can have been before that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import MAX_PREC, ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from harness.check.anomalies import Anomaly, AnomalyClass
from harness.check.fields import FieldRules
from harness.check.value_reading import float32
from harness.check.value_types import ColumnType
from harness.check.values import Rule
from harness.model import Call, CallOutcome, Content, Method, Number, Score, Scorecard


class State(NamedTuple):
    """What the calls determine of a scorecard."""

    template: str
    agent: str
    creator: str
    overall_score: Number | None
    scores: tuple[Score, ...]
    submitted: bool
    submitter: str


NUMERIC = Context(prec=MAX_PREC)
"""A `numeric` column has up to a thousand digits, which is more than Python's own 28."""


def created(content: Content) -> State:
    """Return the draft that Create leaves."""
    return State(
        content.template, content.agent, content.creator, content.created_overall, content.created_scores, False, ""
    )


class Ending(NamedTuple):
    """How a serial order ends: with which Update as the last, None for none, and whether with Submit."""

    update: Call | None
    submitted: bool

    def state(self, content: Content) -> State:
        """Return the state that it leaves."""
        state = created(content)
        if self.update is not None:
            overall_score, scores = content.updates[self.update.update]
            state = state._replace(overall_score=overall_score, scores=scores)
        return state._replace(submitted=True, submitter=content.submitter) if self.submitted else state


class Committed(NamedTuple):
    """The states that PostgreSQL can have had on its way to the row that it holds, without repeats.

    `certain` are those of them that are made of calls alone which took effect without doubt.
    """

    possible: tuple[State, ...] = ()
    certain: tuple[State, ...] = ()


def explained_states(content: Content, calls: Sequence[Call]) -> tuple[State, ...]:
    """Return every state that some serial order of the calls after Create explains, without repeats."""
    return tuple(dict.fromkeys(ending.state(content) for ending in _endings(calls)))


def committed_states(
    content: Content, calls: Sequence[Call], postgres: Scorecard | None, rules: FieldRules
) -> Committed:
    """Return the states, as PostgreSQL's columns hold them, that PostgreSQL can have had on its way to the row that it holds.

    They are those of the serial orders that explain the row. Where none does, they are those of every serial order of any of the calls
    that may have taken effect, and all of them count as certain.
    """
    row = None if postgres is None else _state_of(postgres)
    explaining = [ending for ending in _endings(calls) if stored(ending.state(content), rules) == row]
    if not explaining:
        maybe = [c._replace(outcome=CallOutcome.INDETERMINATE) for c in calls if c.outcome is not CallOutcome.REFUSED]
        every = _as_stored(_endings(maybe), content, rules)
        return Committed(every, every)
    passed = [before for ending in explaining for before in _passed(ending, calls)]
    # An Update that the row shows took effect, whatever its caller was told.
    shown = [ending.update for ending in explaining]
    certain = [e for e in passed if e.update is None or e.update in shown or _acknowledged(e.update)]
    return Committed(_as_stored(passed, content, rules), _as_stored(certain, content, rules))


def _as_stored(endings: Iterable[Ending], content: Content, rules: FieldRules) -> tuple[State, ...]:
    return tuple(dict.fromkeys(stored(ending.state(content), rules) for ending in endings))


def _endings(calls: Sequence[Call]) -> Iterator[Ending]:
    """Yield the ends of all serial orders of the calls, of each choice of those that may not have taken effect."""
    updates, submits = _effective(Method.UPDATE, calls), _effective(Method.SUBMIT, calls)
    # What need not have taken effect can be left out, wherever it stands: only an acknowledged Update keeps another from being the last.
    certain = [call for call in updates if _acknowledged(call)]
    last: list[Call | None] = [] if certain else [None]
    last += [call for call in updates if not any(_precedes(call, other) for other in certain)]
    if not any(_acknowledged(call) for call in submits):
        yield from (Ending(update, submitted=False) for update in last)
    if submits:
        yield from (Ending(update, submitted=True) for update in last)


def _passed(ending: Ending, calls: Sequence[Call]) -> Iterator[Ending]:
    """Yield the ends of all beginnings of the serial orders that end so, that end among them."""
    updates: list[Call | None] = [None]
    if ending.update is not None:
        updates += [call for call in _effective(Method.UPDATE, calls) if not _precedes(ending.update, call)]
    for submitted in (False, True) if ending.submitted else (False,):
        yield from (Ending(update, submitted) for update in updates)


def _effective(method: Method, calls: Sequence[Call]) -> list[Call]:
    """Return the calls of a method that took effect or may have."""
    return [call for call in calls if call.method is method and call.outcome is not CallOutcome.REFUSED]


def _acknowledged(call: Call) -> bool:
    return call.outcome is CallOutcome.ACKNOWLEDGED


def _precedes(update: Call, other: Call) -> bool:
    """Return whether an Update is known to have taken effect before another."""
    return _acknowledged(update) and update.finished_ns < other.started_ns


def stored(state: State, rules: FieldRules) -> State:
    """Return a state as PostgreSQL's columns hold it."""
    scores = tuple(_stored_score(score, rules.score) for score in state.scores)
    overall = rules.header.get("overall_score")
    return state._replace(overall_score=_stored_number(state.overall_score, overall), scores=scores)


def postgres_anomalies(
    postgres: Scorecard | None, content: Content, calls: Sequence[Call], rules: FieldRules
) -> tuple[Anomaly, ...]:
    """Return what is wrong with PostgreSQL's row, nothing where a serial order explains it; `calls` are those after Create."""
    if postgres is None:
        explanation = "Create was acknowledged, yet PostgreSQL does not have the scorecard"
        return (Anomaly(AnomalyClass.LOST_UPDATE, "scorecard", None, None, explanation),)
    row = _state_of(postgres)
    # One end after the other, before any is worked out as columns hold it: nearly always one of the first explains the row.
    if any(ending.state(content) == row for ending in _endings(calls)):
        return ()
    states = tuple(stored(state, rules) for state in explained_states(content, calls))
    if row in states:
        return ()
    # The nearest explained state makes the shortest, and so the most telling, list of differences.
    return min((tuple(_unexplained(row, state)) for state in states), key=len)


def _stored_score(score: Score, rules: Mapping[str, Rule]) -> Score:
    numbers = {name: _stored_number(getattr(score, name), rules.get(name)) for name in ("numeric_value", "ai_value")}
    return score._replace(**numbers)  # type: ignore[arg-type]


def _stored_number(number: Number | None, rule: Rule | None) -> Number | None:
    """Return what a column holds of a number that was written to it as a double."""
    column: ColumnType | None = None if rule is None else rule.postgres
    if number is None or column is None:
        return number
    if column.name.startswith("numeric"):
        exact = Decimal(repr(number))
        precision, _, scale = column.name.partition("(")[2].rstrip(")").partition(",")
        # With a precision alone the scale is 0; without one every digit is kept.
        return exact.quantize(Decimal(f"1e{-int(scale or 0)}"), ROUND_HALF_UP, NUMERIC) if precision else exact
    return float32(float(number)) if column.size == 32 else number


def _state_of(scorecard: Scorecard) -> State:
    header = scorecard.header
    return State(
        header.template,
        header.agent,
        header.creator,
        header.overall_score,
        scorecard.scores,
        header.submit_time_us is not None,
        header.submitter,
    )


def _unexplained(row: State, state: State) -> Iterator[Anomaly]:
    for name in State._fields:
        held, explained = getattr(row, name), getattr(state, name)
        if held == explained:
            continue
        submit_field = name in ("submitted", "submitter")
        anomaly_class = AnomalyClass.SUBMIT_CLOBBER if submit_field and state.submitted else AnomalyClass.LOST_UPDATE
        explanation = f"no serial order of the calls leaves this; the nearest leaves {_short(explained)}"
        yield Anomaly(anomaly_class, name, _short(held), None, explanation)


def _short(value: object) -> object:
    """Return a value fit for one line."""
    if isinstance(value, tuple):
        return ", ".join(f"{score.criterion}={score.numeric_value}" for score in value)
    return value
