"""What UpdateScorecard is asked to change, by its field mask."""

from datetime import UTC, datetime

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.service.conversion import InvalidError, update_of
from harness.service.records import Entity, HeaderRow, Key, ScoreRow

THEN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 2, tzinfo=UTC)
SUBMITTED = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEADER = HeaderRow("template", "agent", "creator", 1.0, SUBMITTED, "coach", THEN, THEN)
HELD = Entity(Key("c", "p", "s"), HEADER, (ScoreRow("b", 1.0, None, None, False, False),))
GIVEN = pb.Scorecard(
    template="new template",
    agent="new agent",
    creator="new creator",
    overall_score=2.0,
    submitter="somebody else",
    scores=[pb.Score(criterion="a", numeric_value=2.0)],
)
NEW_SCORE = ScoreRow("a", 2.0, None, None, False, False)


def updated(*paths: str, given: pb.Scorecard = GIVEN) -> Entity:
    request = pb.UpdateScorecardRequest(scorecard=given, update_mask=FieldMask(paths=paths))
    return update_of(request).applied_to(HELD, NOW)


def differing(entity: Entity) -> dict[str, object]:
    """The header's fields that differ from those held, the update time apart."""
    names = [name for name in HeaderRow.__slots__ if name != "updated_at"]
    return {
        name: getattr(entity.header, name)
        for name in names
        if getattr(entity.header, name) != getattr(HELD.header, name)
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [("template", "new template"), ("agent", "new agent"), ("creator", "new creator"), ("overall_score", 2.0)],
)
def test_a_path_changes_its_field_alone(path: str, value: object) -> None:
    entity = updated(path)
    assert differing(entity) == {path: value}
    assert entity.scores == HELD.scores


def test_scores_are_replaced_by_criterion_and_kept_in_order() -> None:
    entity = updated("scores")
    assert differing(entity) == {}
    assert entity.scores == (NEW_SCORE, *HELD.scores)
    again = updated("scores", given=pb.Scorecard(scores=[pb.Score(criterion="b", text_value="")]))
    assert again.scores == (ScoreRow("b", None, None, "", False, False),)


def test_an_empty_mask_means_every_field_but_those_that_submit_sets() -> None:
    entity = updated()
    assert set(differing(entity)) == {"template", "agent", "creator", "overall_score"}
    assert entity.scores == (NEW_SCORE, *HELD.scores)


def test_the_update_time_is_the_moment_and_the_other_times_stay() -> None:
    header = updated("agent").header
    assert (header.updated_at, header.created_at, header.submitted_at) == (NOW, THEN, SUBMITTED)


def test_an_absent_overall_score_is_cleared_by_its_path_and_zero_is_zero() -> None:
    assert updated("overall_score", given=pb.Scorecard()).header.overall_score is None
    assert updated("overall_score", given=pb.Scorecard(overall_score=0)).header.overall_score == 0


@pytest.mark.parametrize(
    "path",
    [
        "name",
        "submit_time",
        "submitter",
        "create_time",
        "update_time",
        "etag",
        "scores.numeric_value",
        "*",
        "",
        "Agent",
    ],
)
def test_any_other_path_is_refused_by_name(path: str) -> None:
    with pytest.raises(InvalidError, match=r"^update_mask: ") as refused:
        updated("agent", path)
    assert repr(path) in str(refused.value)


@pytest.mark.parametrize("paths", [("scores",), ()])
def test_a_criterion_may_occur_once(paths: tuple[str, ...]) -> None:
    given = pb.Scorecard(scores=[pb.Score(criterion="a"), pb.Score(criterion="a")])
    with pytest.raises(InvalidError, match=r"^scores: "):
        updated(*paths, given=given)


def test_a_score_needs_its_criterion() -> None:
    with pytest.raises(InvalidError, match=r"^scores: "):
        updated("scores", given=pb.Scorecard(scores=[pb.Score(numeric_value=1)]))


def test_the_etag_is_handed_on() -> None:
    assert update_of(pb.UpdateScorecardRequest(scorecard=pb.Scorecard(etag="e"))).etag == "e"
