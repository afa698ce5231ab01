"""What an iteration's calls write: a pure function of seed and iteration, so that the judge knows it without being told."""

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from harness.model import Content, Number, Score, Update
from harness.scenario import Scenario

T = TypeVar("T")

# Far enough that numbers still differ where a column rounds them to whole ones; and the numbers of eight updates find room in fifty.
APART = 2


def content_of(seed: int, iteration: int, scores: int, updates: int = 1) -> Content:
    """Return the content of one iteration's calls, `scores` criteria wide, with at most eight updates.

    Every number and text that an Update sets differs from what Create and the other updates set, so that a stale field can be told from a
    fresh one; empty and absent text, absent numbers and both flags occur. How many updates there are changes none of them.
    """
    rng = random.Random(f"content:{seed}:{iteration}")  # noqa: S311 - reproducible, not secret
    criteria = _criteria(scores)
    content = Content(
        template=f"template-{_below(rng, 8)}",
        agent=f"agent-{_below(rng, 1000)}",
        creator=f"coach-{_below(rng, 100)}",
        created_overall=_either(rng, _points(rng, 0)),
        created_scores=tuple([_created_score(rng, criterion) for criterion in criteria]),
        updates=(Update(_points(rng, 50), tuple([_updated_score(rng, criterion) for criterion in criteria])),),
        submitter=f"manager-{iteration}",
    )
    for number in range(2, updates + 1):
        # A generator of its own, so that what the others draw stays as it is.
        rng = random.Random(f"update:{seed}:{iteration}:{number}")  # noqa: S311 - reproducible, not secret
        content = content._replace(updates=(*content.updates, _further_update(rng, number, content)))
    return content


def planned_content(scenario: Scenario, iteration: int) -> Content:
    """Return the content of one iteration of a scenario."""
    return content_of(scenario.seed, iteration, scenario.scores, scenario.updates)


@lru_cache
def _criteria(scores: int) -> tuple[str, ...]:
    return tuple(f"criterion-{number:03d}" for number in range(1, scores + 1))


def _further_update(rng: random.Random, number: int, content: Content) -> Update:
    """Return the update of that number, told apart from all that the content has."""
    overall = _points_apart(rng, [content.created_overall, *(update.overall_score for update in content.updates)])
    written = zip(content.created_scores, *(update.scores for update in content.updates), strict=True)
    return Update(overall, tuple(_further_score(rng, number, scores) for scores in written))


def _further_score(rng: random.Random, number: int, written: Sequence[Score]) -> Score:
    """Return one criterion's score in the update of that number; `written` are those that Create and the updates before set."""
    return _updated_score(rng, written[0].criterion)._replace(
        numeric_value=_points_apart(rng, [score.numeric_value for score in written]),
        ai_value=_points_apart(rng, [score.ai_value for score in written]),
        text_value=f"said for the {number}. time, nº {_below(rng, 10_000)}",
    )


def _points_apart(rng: random.Random, written: Sequence[Number | None]) -> float:
    """Return a number in [50, 100) that is told apart from those that were written."""
    while True:
        points = _points(rng, 50)
        if all(other is None or abs(points - float(other)) >= APART for other in written):
            return points


def _points(rng: random.Random, base: int) -> float:
    """Return a number in [base, base + 50) with two digits, which binary floating point does not hold exactly."""
    return base + _below(rng, 5000) / 100


def _below(rng: random.Random, limit: int) -> int:
    """Return what `rng.randrange(limit)` does, at half its cost: this is done dozens of times for each iteration, where calls are fired."""
    bits = limit.bit_length()
    while (drawn := rng.getrandbits(bits)) >= limit:
        pass
    return drawn


def _created_score(rng: random.Random, criterion: str) -> Score:
    numeric = _either(rng, _points(rng, 0))
    ai = _either(rng, _points(rng, 0))
    return Score(criterion, numeric, ai, _either(rng, ""), not_applicable=False, ai_scored=False)


def _updated_score(rng: random.Random, criterion: str) -> Score:
    numeric, ai = _points(rng, 50), _points(rng, 50)
    text = f"well said, nº {_below(rng, 10_000)}"
    return Score(criterion, numeric, ai, text, not_applicable=rng.random() < 0.2, ai_scored=rng.random() < 0.5)


def _either(rng: random.Random, value: T) -> T | None:
    """Return the value, or None as often."""
    return value if _below(rng, 2) else None
