"""Between the wire's messages and the service's rows. What a caller got wrong is an InvalidError."""

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.service.records import MUTABLE, Entity, HeaderRow, Key, ScoreRow, Update

_PARENT = re.compile(r"customers/([^/\0]+)/profiles/([^/\0]+)")
_NAME = re.compile(r"customers/([^/\0]+)/profiles/([^/\0]+)/scorecards/([^/\0]+)")
_ID = re.compile(r"[A-Za-z0-9_.~-]{1,128}")
UPDATABLE = (*MUTABLE, "scores")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidError(Exception):
    """The request cannot be understood; the message says which field and why."""


def key_of(name: str) -> Key:
    """Return the key of a resource name."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise InvalidError(f"name: {name!r} is not customers/C/profiles/P/scorecards/ID")
    return Key(*match.groups())


def name_of(key: Key) -> str:
    """Return the resource name of a key."""
    return f"customers/{key.customer_id}/profiles/{key.profile_id}/scorecards/{key.scorecard_id}"


def new_key(request: pb.CreateScorecardRequest) -> Key:
    """Return the key that a new scorecard gets: the caller's id, or one of our own."""
    match = _PARENT.fullmatch(request.parent)
    if match is None:
        raise InvalidError(f"parent: {request.parent!r} is not customers/C/profiles/P")
    if request.scorecard_id and _ID.fullmatch(request.scorecard_id) is None:
        raise InvalidError("scorecard_id: letters, digits and . _ ~ - only, 128 at most")
    return Key(match[1], match[2], request.scorecard_id or str(uuid.uuid4()))


def header_of(message: pb.Scorecard) -> HeaderRow:
    """Return the header of a draft; its times are the store's to set."""
    for field in ("template", "agent", "creator"):
        _storable(field, getattr(message, field))
    overall = message.overall_score if message.HasField("overall_score") else None
    return HeaderRow(message.template, message.agent, message.creator, overall, None, "", LONG_AGO, LONG_AGO)


def scores_of(messages: Iterable[pb.Score]) -> tuple[ScoreRow, ...]:
    """Return the rows of scores, each criterion of which may occur once."""
    rows = tuple(_score_of(message) for message in messages)
    if len({row.criterion_id for row in rows}) < len(rows):
        raise InvalidError("scores: a criterion occurs twice")
    return rows


def update_of(request: pb.UpdateScorecardRequest) -> Update:
    """Return what an update asks for; an empty mask means every field."""
    paths = list(request.update_mask.paths) or list(UPDATABLE)
    for path in paths:
        if path not in UPDATABLE:
            raise InvalidError(f"update_mask: {path!r} cannot be updated; {', '.join(UPDATABLE)} can")
    given = header_of(request.scorecard)
    return Update(
        {name: getattr(given, name) for name in MUTABLE if name in paths},
        scores_of(request.scorecard.scores) if "scores" in paths else (),
        request.scorecard.etag,
    )


def submitter_of(request: pb.SubmitScorecardRequest) -> str:
    """Return who submits, which must be said."""
    if not request.submitter:
        raise InvalidError("submitter: who submits must be said")
    _storable("submitter", request.submitter)
    return request.submitter


def message_of(entity: Entity) -> pb.Scorecard:
    """Return the message of a scorecard."""
    header = entity.header
    return pb.Scorecard(
        name=name_of(entity.key),
        template=header.template,
        agent=header.agent,
        creator=header.creator,
        overall_score=header.overall_score,
        submit_time=None if header.submitted_at is None else _timestamp(header.submitted_at),
        submitter=header.submitter_user_id,
        create_time=_timestamp(header.created_at),
        update_time=_timestamp(header.updated_at),
        etag=entity.etag,
        scores=[_score_message(score) for score in entity.scores],
    )


def _storable(field: str, text: str) -> None:
    """Refuse the one character that the database's text cannot hold."""
    if "\0" in text:
        raise InvalidError(f"{field}: a text must not hold the character NUL")


def _score_of(message: pb.Score) -> ScoreRow:
    if not message.criterion:
        raise InvalidError("scores: a score needs its criterion")
    _storable("scores", message.criterion)
    _storable("scores", message.text_value)
    return ScoreRow(
        message.criterion,
        message.numeric_value if message.HasField("numeric_value") else None,
        message.ai_value if message.HasField("ai_value") else None,
        message.text_value if message.HasField("text_value") else None,
        message.not_applicable,
        message.ai_scored,
    )


def _score_message(row: ScoreRow) -> pb.Score:
    return pb.Score(
        criterion=row.criterion_id,
        numeric_value=row.numeric_value,
        ai_value=row.ai_value,
        text_value=row.text_value,
        not_applicable=row.not_applicable,
        ai_scored=row.ai_scored,
    )


def _timestamp(instant: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp
