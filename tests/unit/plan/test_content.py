"""What an iteration's calls write: told apart, the same for the same seed, from version to version."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from harness.model import Content, Number, Score, Update
from harness.plan.content import content_of

CONTENT = {"seed": st.integers(0, 2**63 - 1), "iteration": st.integers(0, 10_000), "scores": st.integers(1, 12)}


@given(**CONTENT, updates=st.integers(1, 8))
def test_an_update_changes_every_value_that_a_stale_copy_could_keep(
    seed: int, iteration: int, scores: int, updates: int
) -> None:
    content = content_of(seed, iteration, scores, updates)
    assert content == content_of(seed, iteration, scores, updates)
    assert content.submitter != ""
    assert len(content.updates) == updates
    told_apart([content.created_overall, *(update.overall_score for update in content.updates)])
    for written in zip(content.created_scores, *(update.scores for update in content.updates), strict=True):
        assert len({one.criterion for one in written}) == 1
        told_apart([one.numeric_value for one in written])
        told_apart([one.ai_value for one in written])
        assert len({one.text_value for one in written}) == 1 + updates
    criteria = [score.criterion for score in content.created_scores]
    assert criteria == sorted(set(criteria))


def told_apart(numbers: Sequence[Number | None]) -> None:
    """All differ, and what the second update and those after it set does so in a column of whole numbers too."""
    assert len(set(numbers)) == len(numbers)
    for place, further in enumerate(numbers[2:], 2):
        rounded = {other if other is None else round(other) for other in numbers[:place]}
        assert further is not None and round(further) not in rounded
        assert 50 <= further < 100


@given(**CONTENT, updates=st.integers(2, 8))
def test_how_many_updates_there_are_changes_none_of_them(seed: int, iteration: int, scores: int, updates: int) -> None:
    many, fewer = (content_of(seed, iteration, scores, number) for number in (updates, updates - 1))
    assert many._replace(updates=many.updates[:-1]) == fewer


def test_the_content_of_a_seed_is_the_same_from_version_to_version() -> None:
    """A run is repeated by its seed, and what earlier versions of the harness left is judged by it too."""
    created = Score("criterion-001", None, None, "", not_applicable=False, ai_scored=False)
    other = Score("criterion-002", 13.29, 13.34, "", not_applicable=False, ai_scored=False)
    updated = Score(
        "criterion-001", 82.13, 58.730000000000004, "well said, nº 8985", not_applicable=False, ai_scored=False
    )
    other_updated = Score("criterion-002", 65.4, 76.73, "well said, nº 2779", not_applicable=False, ai_scored=False)
    assert content_of(seed=7, iteration=3, scores=2) == Content(
        template="template-2",
        agent="agent-811",
        creator="coach-30",
        created_overall=45.88,
        created_scores=(created, other),
        updates=(Update(77.03, (updated, other_updated)),),
        submitter="manager-3",
    )
