"""What an iteration's calls write: a pure function of seed and iteration, so that the judge knows it without being told."""

import random

from harness.model import Content, Score


def content_of(seed: int, iteration: int, scores: int) -> Content:
    """Return the content of one iteration's calls, `scores` criteria wide.

    Every field that Update sets differs from what Create left, so that a stale field can be told from a fresh one; empty and absent text,
    absent numbers and both flags occur.
    """
    rng = random.Random(f"content:{seed}:{iteration}")  # noqa: S311 - reproducible, not secret
    criteria = [f"criterion-{number:03d}" for number in range(1, scores + 1)]
    return Content(
        template=f"template-{rng.randrange(8)}",
        agent=f"agent-{rng.randrange(1000)}",
        creator=f"coach-{rng.randrange(100)}",
        created_overall=rng.choice((None, _points(rng, 0))),
        created_scores=tuple(_created_score(rng, criterion) for criterion in criteria),
        updated_overall=_points(rng, 50),
        updated_scores=tuple(_updated_score(rng, criterion) for criterion in criteria),
        submitter=f"manager-{iteration}",
    )


def _points(rng: random.Random, base: int) -> float:
    """Return a number in [base, base + 50) with two digits, which binary floating point does not hold exactly."""
    return base + rng.randrange(5000) / 100


def _created_score(rng: random.Random, criterion: str) -> Score:
    return Score(
        criterion=criterion,
        numeric_value=rng.choice((None, _points(rng, 0))),
        ai_value=rng.choice((None, _points(rng, 0))),
        text_value=rng.choice((None, "")),
        not_applicable=False,
        ai_scored=False,
    )


def _updated_score(rng: random.Random, criterion: str) -> Score:
    return Score(
        criterion=criterion,
        numeric_value=_points(rng, 50),
        ai_value=_points(rng, 50),
        text_value=f"well said, nº {rng.randrange(10_000)}",
        not_applicable=rng.random() < 0.2,
        ai_scored=rng.random() < 0.5,
    )
