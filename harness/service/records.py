"""The service's own rows. The harness has types of its own, so that a mistake in one cannot hide a mistake in the other."""

from dataclasses import dataclass, replace
from datetime import datetime

CREATE, UPDATE, SUBMIT = "CreateScorecard", "UpdateScorecard", "SubmitScorecard"
MUTABLE = ("template", "agent", "creator", "overall_score")


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of a scorecard."""

    customer_id: str
    profile_id: str
    scorecard_id: str


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """A row of `scorecards` without its key."""

    template: str
    agent: str
    creator: str
    overall_score: float | None
    submitted_at: datetime | None
    submitter_user_id: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A row of `scores` without its scorecard's key."""

    criterion_id: str
    numeric_value: float | None
    ai_value: float | None
    text_value: str | None
    not_applicable: bool
    ai_scored: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """A scorecard with its scores, as an ORM would hold it in memory.

    `revision` is the number of the write that left it so, as PostgreSQL counts the writes of a scorecard; Create's is 1.
    """

    key: Key
    header: HeaderRow
    scores: tuple[ScoreRow, ...]
    revision: int = 0

    @property
    def etag(self) -> str:
        """A value that changes with every write."""
        return etag_of(self.header.updated_at)


def etag_of(updated_at: datetime) -> str:
    """Return the etag of a scorecard that was last written then."""
    return f"{updated_at.timestamp():.6f}"


@dataclass(frozen=True, slots=True)
class Update:
    """What UpdateScorecard asks for: new values of some header fields, and scores by criterion; an etag, empty for none, it must match."""

    header: dict[str, str | float | None]
    scores: tuple[ScoreRow, ...]
    etag: str

    def applied_to(self, entity: Entity, now: datetime) -> Entity:
        """Return the entity with the new values."""
        scores = {score.criterion_id: score for score in (*entity.scores, *self.scores)}
        header = replace(entity.header, updated_at=now, **self.header)  # type: ignore[arg-type]
        return replace(entity, header=header, scores=tuple(scores[criterion] for criterion in sorted(scores)))
