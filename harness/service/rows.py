"""What one copy writes to ClickHouse: first which states under which versions, then the rows of the two tables."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.service.clickhouse_writer import Row
from harness.service.records import Entity, HeaderRow, Key, ScoreRow


@dataclass(frozen=True, slots=True)
class HeaderVersion:
    """A header under a version; `deleted` makes it a tombstone."""

    header: HeaderRow
    version: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ScoresVersion:
    """A scorecard's scores under a version; `deleted` makes each of them a tombstone."""

    scores: tuple[ScoreRow, ...]
    version: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """The inserts of one copy into each table, in their order; the two tables do not wait for one another."""

    headers: tuple[tuple[HeaderVersion, ...], ...]
    scores: tuple[tuple[ScoresVersion, ...], ...]

    @classmethod
    def of(cls, entity: Entity, version: int) -> "CopyPlan":
        """Return the plan of a copy that writes a scorecard as it is."""
        scores = ((ScoresVersion(entity.scores, version),),) if entity.scores else ()
        return cls(((HeaderVersion(entity.header, version),),), scores)


def header_rows(key: Key, insert: tuple[HeaderVersion, ...], *, whole_seconds: bool) -> list[Row]:
    """Return the rows of one insert into `scorecards`; `whole_seconds` says that a time must have no fraction."""
    shown = _seconds if whole_seconds else _microseconds
    return [(*_key(key), *_header(one.header, shown), one.version, int(one.deleted)) for one in insert]


def score_rows(key: Key, insert: tuple[ScoresVersion, ...]) -> list[Row]:
    """Return the rows of one insert into `scores`."""
    return [(*_key(key), *_score(score), one.version, int(one.deleted)) for one in insert for score in one.scores]


def _key(key: Key) -> Row:
    return key.customer_id, key.profile_id, key.scorecard_id


def _header(header: HeaderRow, shown: Callable[[datetime], str]) -> Row:
    submitted = None if header.submitted_at is None else shown(header.submitted_at)
    times = (submitted, header.submitter_user_id, shown(header.created_at), shown(header.updated_at))
    return header.template, header.agent, header.creator, header.overall_score, *times


def _score(score: ScoreRow) -> Row:
    values = (score.criterion_id, score.numeric_value, score.ai_value, score.text_value)
    return *values, int(score.not_applicable), int(score.ai_scored)


def _microseconds(instant: datetime) -> str:
    """Return a time as ClickHouse takes it, in UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _seconds(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
