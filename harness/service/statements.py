"""The service's SQL, and the functions that run it on one connection."""

from collections.abc import Sequence
from typing import TypeAlias

import asyncpg

from harness.service.records import Entity, HeaderRow, Key, ScoreRow, etag_of
from harness.service.refusals import AlreadySubmittedError, NotFoundError, StaleEtagError

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

HEADER_COLUMNS = "template, agent, creator, overall_score, submitted_at, submitter_user_id, created_at, updated_at"
SCORE_COLUMNS = "criterion_id, numeric_value, ai_value, text_value, not_applicable, ai_scored"
KEY = "customer_id = $1 AND profile_id = $2 AND scorecard_id = $3"
SCORES_GIVEN = "unnest($4::text[], $5::float8[], $6::float8[], $7::text[], $8::bool[], $9::bool[])"

SELECT_HEADER = f"SELECT {HEADER_COLUMNS}, revision FROM scorecards WHERE {KEY}"  # noqa: S608 - constants, as all below
SELECT_SCORES = f"SELECT {SCORE_COLUMNS} FROM scores WHERE {KEY} ORDER BY criterion_id"  # noqa: S608
INSERT_HEADER = f"""
    INSERT INTO scorecards (customer_id, profile_id, scorecard_id, {HEADER_COLUMNS}, revision)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)
    RETURNING revision"""  # noqa: S608
UPSERT_SCORES = f"""
    INSERT INTO scores (customer_id, profile_id, scorecard_id, {SCORE_COLUMNS})
    SELECT $1, $2, $3, * FROM {SCORES_GIVEN}
    ON CONFLICT (customer_id, profile_id, scorecard_id, criterion_id) DO UPDATE SET
        numeric_value = excluded.numeric_value, ai_value = excluded.ai_value, text_value = excluded.text_value,
        not_applicable = excluded.not_applicable, ai_scored = excluded.ai_scored"""  # noqa: S608
SAVE_WHOLE_ROW = f"""
    UPDATE scorecards SET template = $4, agent = $5, creator = $6, overall_score = $7, submitted_at = $8, submitter_user_id = $9,
        created_at = $10, updated_at = $11,
        revision = revision + 1
    WHERE {KEY}
    RETURNING revision"""  # noqa: S608
SAVE_OMIT_SUBMIT = f"""
    UPDATE scorecards SET template = $4, agent = $5, creator = $6, overall_score = $7, updated_at = $8, revision = revision + 1
    WHERE {KEY}
    RETURNING revision"""  # noqa: S608
SAVE_SUBMIT = f"""
    UPDATE scorecards SET submitted_at = $4, submitter_user_id = $5, updated_at = $6, revision = revision + 1
    WHERE {KEY} AND submitted_at IS NULL
    RETURNING revision"""  # noqa: S608
LOCK_ETAG = f"SELECT updated_at FROM scorecards WHERE {KEY} FOR UPDATE"  # noqa: S608
INSERT_HISTORY = f"""
    WITH header AS (
        INSERT INTO historic_scorecards (customer_id, profile_id, scorecard_id, {HEADER_COLUMNS}, revision, method)
        VALUES ($1, $2, $3, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        RETURNING historic_id
    ), scores AS (
        INSERT INTO historic_scores (customer_id, profile_id, scorecard_id, {SCORE_COLUMNS}, historic_id)
        SELECT $1, $2, $3, given.*, header.historic_id FROM header, {SCORES_GIVEN} AS given
    )
    SELECT historic_id FROM header"""  # noqa: S608
# As the statements above together; the scores that a call was given come first, those that the scorecard has then come last.
SAVE_AT_ONCE = f"""
    WITH saved AS (
        UPDATE scorecards SET template = $10, agent = $11, creator = $12, overall_score = $13, submitted_at = $14,
            submitter_user_id = $15, created_at = $16, updated_at = $17, revision = revision + 1
        WHERE {KEY}
        RETURNING revision
    ), upserted AS ({UPSERT_SCORES}
    ), header AS (
        INSERT INTO historic_scorecards (customer_id, profile_id, scorecard_id, {HEADER_COLUMNS}, revision, method)
        SELECT $1, $2, $3, $10, $11, $12, $13, $14, $15, $16, $17, saved.revision, $18 FROM saved
        RETURNING historic_id
    ), history AS (
        INSERT INTO historic_scores (customer_id, profile_id, scorecard_id, {SCORE_COLUMNS}, historic_id)
        SELECT $1, $2, $3, had.*, header.historic_id
        FROM header, unnest($19::text[], $20::float8[], $21::float8[], $22::text[], $23::bool[], $24::bool[]) AS had
    )
    SELECT revision FROM saved"""  # noqa: S608

INSERT_OUTBOX = "INSERT INTO outbox (customer_id, profile_id, scorecard_id) VALUES ($1, $2, $3)"
SELECT_OUTBOX = "SELECT outbox_id, customer_id, profile_id, scorecard_id FROM outbox ORDER BY outbox_id LIMIT $1"
DELETE_OUTBOX = "DELETE FROM outbox WHERE outbox_id = ANY($1::bigint[])"


async def load(connection: Connection, key: Key, *, locked: bool) -> Entity:
    """Return a scorecard, with `locked` under its row's lock. Raises NotFoundError."""
    row = await connection.fetchrow(SELECT_HEADER + (" FOR UPDATE" if locked else ""), *_key(key))
    if row is None:
        raise NotFoundError
    # A statement of its own: its snapshot is taken when the lock is held, so it sees what whoever held it before has committed.
    scores = await connection.fetch(SELECT_SCORES, *_key(key))
    *header, revision = row
    return Entity(key, HeaderRow(*header), tuple(ScoreRow(*score) for score in scores), revision)


async def check_etag(connection: Connection, key: Key, etag: str) -> None:
    """Hold the etag against the row as it is under its lock: what was loaded earlier may be old."""
    updated_at = await connection.fetchval(LOCK_ETAG, *_key(key))
    if updated_at is None or etag_of(updated_at) != etag:
        raise StaleEtagError


async def insert(connection: Connection, entity: Entity) -> int:
    """Write a new scorecard; return its revision."""
    revision = await _revision(connection, INSERT_HEADER, *_key(entity.key), *_header(entity.header))
    await save_scores(connection, entity)
    return revision


async def save_submit(connection: Connection, entity: Entity) -> int:
    """Save the columns that Submit sets; return the new revision. Raises AlreadySubmittedError."""
    header = entity.header
    values = (header.submitted_at, header.submitter_user_id, header.updated_at)
    try:
        return await _revision(connection, SAVE_SUBMIT, *_key(entity.key), *values)
    except NotFoundError:
        # Another Submit has come since this one loaded the scorecard.
        raise AlreadySubmittedError from None


async def save_header(connection: Connection, entity: Entity, *, whole: bool) -> int:
    """Save what Update may change of a header, or with `whole` every column; return the new revision."""
    header = entity.header
    if whole:
        return await _revision(connection, SAVE_WHOLE_ROW, *_key(entity.key), *_header(header))
    values = (header.template, header.agent, header.creator, header.overall_score, header.updated_at)
    return await _revision(connection, SAVE_OMIT_SUBMIT, *_key(entity.key), *values)


async def save_at_once(connection: Connection, entity: Entity, given: Sequence[ScoreRow], method: str) -> int:
    """Save a header, the scores that a call was given, and the audit rows; return the new revision. Only under the row's lock."""
    values = (*_columns(given), *_header(entity.header), method, *_columns(entity.scores))
    return await _revision(connection, SAVE_AT_ONCE, *_key(entity.key), *values)


async def save_outbox(connection: Connection, key: Key) -> None:
    """Note that a scorecard owes a copy."""
    await connection.execute(INSERT_OUTBOX, *_key(key))


async def _revision(connection: Connection, statement: str, *values: object) -> int:
    """Run a statement that writes one scorecard and return the revision that it got. Raises NotFoundError where it wrote none."""
    revision: int | None = await connection.fetchval(statement, *values)
    if revision is None:
        raise NotFoundError
    return revision


async def save_scores(connection: Connection, entity: Entity) -> None:
    """Save the entity's scores; others that the scorecard has stay as they are."""
    if entity.scores:
        await connection.execute(UPSERT_SCORES, *_key(entity.key), *_columns(entity.scores))


async def save_history(connection: "Connection | asyncpg.Pool[asyncpg.Record]", entity: Entity, method: str) -> int:
    """Write the audit rows of a write; return the number of its audit row."""
    values = (*_columns(entity.scores), *_header(entity.header), entity.revision, method)
    historic_id: int = await connection.fetchval(INSERT_HISTORY, *_key(entity.key), *values)
    return historic_id


def _key(key: Key) -> tuple[str, str, str]:
    return key.customer_id, key.profile_id, key.scorecard_id


def _header(header: HeaderRow) -> tuple[object, ...]:
    return tuple(getattr(header, name) for name in HeaderRow.__slots__)


def _columns(scores: Sequence[ScoreRow]) -> tuple[list[object], ...]:
    """Return the scores turned on their side, an array a column."""
    return tuple([getattr(score, name) for score in scores] for name in ScoreRow.__slots__)
