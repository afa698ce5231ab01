"""Is PostgreSQL itself right? The states that the calls of one iteration can have left, and whether a row is one of them.

Definitions. An acknowledged call took effect exactly once; a refused one did not; an indeterminate one did or did not. Each order of the
calls that took effect is *serial*: each call sees what the one before it left. A row is *explained* when some serial order of some allowed
set of effects ends in it. The times that the service sets itself are not predicted, only whether a submit time is there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import MAX_PREC, ROUND_HALF_UP, Context, Decimal
from itertools import chain, combinations, permutations
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

EFFECTS: dict[Method, Callable[[State, Content], State]] = {
    Method.UPDATE: lambda state, content: state._replace(
        overall_score=content.updated_overall, scores=content.updated_scores
    ),
    Method.SUBMIT: lambda state, content: state._replace(submitted=True, submitter=content.submitter),
}


def created(content: Content) -> State:
    """Return the draft that Create leaves."""
    return State(
        content.template, content.agent, content.creator, content.created_overall, content.created_scores, False, ""
    )


def explained_states(content: Content, calls: Sequence[Call]) -> tuple[State, ...]:
    """Return every state that some serial order of the calls after Create explains, without repeats."""
    return tuple(dict.fromkeys(history[-1] for history in _histories(content, calls)))


def committed_states(
    content: Content, calls: Sequence[Call], postgres: Scorecard | None, rules: FieldRules
) -> tuple[State, ...]:
    """Return the states, as PostgreSQL's columns hold them, that PostgreSQL can have had on its way to the row that it holds.

    They are those of the serial orders that explain the row. Where none does, they are those of every serial order of any of the calls
    that may have taken effect.
    """
    histories = [tuple(stored(state, rules) for state in history) for history in _histories(content, calls)]
    row = None if postgres is None else _state_of(postgres)
    explaining = [history for history in histories if history[-1] == row]
    if not explaining:
        maybe = [replace(c, outcome=CallOutcome.INDETERMINATE) for c in calls if c.outcome is not CallOutcome.REFUSED]
        explaining = [tuple(stored(state, rules) for state in history) for history in _histories(content, maybe)]
    return tuple(dict.fromkeys(state for history in explaining for state in history))


def _histories(content: Content, calls: Sequence[Call]) -> Iterator[tuple[State, ...]]:
    """Yield the states that each serial order of the calls goes through, of each choice of those that may not have taken effect."""
    certain = [call.method for call in calls if call.outcome is CallOutcome.ACKNOWLEDGED]
    possible = [call.method for call in calls if call.outcome is CallOutcome.INDETERMINATE]
    for extra in chain.from_iterable(combinations(possible, size) for size in range(len(possible) + 1)):
        for order in permutations([*certain, *extra]):
            states = [created(content)]
            for method in order:
                states.append(EFFECTS[method](states[-1], content))
            yield tuple(states)


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
    # One order after the other: nearly always the first explains it.
    if any(history[-1] == row for history in _histories(content, calls)):
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
