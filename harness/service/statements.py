"""The service's SQL."""

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
    )
    INSERT INTO historic_scores (customer_id, profile_id, scorecard_id, {SCORE_COLUMNS}, historic_id)
    SELECT $1, $2, $3, given.*, header.historic_id FROM header, {SCORES_GIVEN} AS given"""  # noqa: S608
