"""Scorecards on the wire: nothing absent becomes a zero, nothing loses its microseconds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.service.conversion import InvalidError, header_of, message_of, scores_of
from harness.service.records import Entity, HeaderRow, Key, ScoreRow

US = timedelta(microseconds=1)
CREATED = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
DRAFT = HeaderRow("template", "agent", "creator", None, None, "", CREATED, CREATED + US)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
NUMBERS = st.none() | st.floats(allow_nan=False)
SCORES = st.builds(ScoreRow, TEXTS.filter(bool), NUMBERS, NUMBERS, st.none() | TEXTS, st.booleans(), st.booleans())
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def entity(header: HeaderRow = DRAFT, scores: tuple[ScoreRow, ...] = ()) -> Entity:
    return Entity(Key("c", "p", "s"), header, scores)


@given(st.lists(SCORES, unique_by=lambda score: score.criterion_id))
def test_scores_come_back_as_they_went(scores: list[ScoreRow]) -> None:
    assert scores_of(message_of(entity(scores=tuple(scores))).scores) == tuple(scores)


@given(TEXTS, TEXTS, TEXTS, NUMBERS)
def test_a_header_comes_back_as_it_went(template: str, agent: str, creator: str, overall: float | None) -> None:
    header = replace(DRAFT, template=template, agent=agent, creator=creator, overall_score=overall)
    back = header_of(message_of(entity(header)))
    assert (back.template, back.agent, back.creator, back.overall_score) == (template, agent, creator, overall)


@pytest.mark.parametrize("field", ["template", "agent", "creator"])
def test_a_header_must_not_hold_what_postgres_cannot(field: str) -> None:
    with pytest.raises(InvalidError, match=f"^{field}: "):
        header_of(pb.Scorecard(**{field: "a\0b"}))  # type: ignore[arg-type]


@pytest.mark.parametrize("score", [pb.Score(criterion="\0"), pb.Score(criterion="a", text_value="\0")])
def test_a_score_must_not_hold_what_postgres_cannot(score: pb.Score) -> None:
    with pytest.raises(InvalidError, match=r"^scores: "):
        scores_of([score])


def test_what_a_caller_may_not_set_is_not_taken_over() -> None:
    submitted = replace(DRAFT, submitted_at=CREATED, submitter_user_id="coach")
    back = header_of(message_of(entity(submitted)))
    assert (back.submitted_at, back.submitter_user_id) == (None, "")
    assert back.created_at != CREATED


def test_a_draft_has_no_submit_time_and_no_overall_score() -> None:
    message = message_of(entity())
    assert not message.HasField("submit_time")
    assert not message.HasField("overall_score")
    assert message.name == "customers/c/profiles/p/scorecards/s"


@given(TIMES)
def test_times_are_exact_to_the_microsecond(instant: datetime) -> None:
    header = replace(DRAFT, submitted_at=instant, created_at=instant, updated_at=instant)
    message = message_of(entity(header))
    for stamp in (message.submit_time, message.create_time, message.update_time):
        assert stamp.ToDatetime(tzinfo=UTC) == instant


def test_a_time_of_another_zone_is_the_same_instant() -> None:
    elsewhere = CREATED.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert message_of(entity(replace(DRAFT, created_at=elsewhere))).create_time == message_of(entity()).create_time


@given(TIMES)
def test_a_microsecond_makes_another_etag(instant: datetime) -> None:
    one, other = (entity(replace(DRAFT, updated_at=updated)).etag for updated in (instant, instant + US))
    assert one != other
    assert one == entity(replace(DRAFT, updated_at=instant, agent="another")).etag


def test_an_etag_is_never_empty() -> None:
    assert message_of(entity()).etag != ""
    assert pb.Scorecard().etag == ""
