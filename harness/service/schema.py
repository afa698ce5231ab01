"""The reference service's tables in both stores."""

from dataclasses import dataclass

POSTGRES_DDL = """
CREATE TABLE scorecards (
    customer_id text NOT NULL,
    profile_id text NOT NULL,
    scorecard_id text NOT NULL,
    template text NOT NULL,
    agent text NOT NULL,
    creator text NOT NULL,
    overall_score double precision,
    submitted_at timestamptz,
    submitter_user_id text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Counts the writes of this row. Drawn under the row's lock, it is the order of their commits.
    revision bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (customer_id, profile_id, scorecard_id)
);

CREATE TABLE scores (
    customer_id text NOT NULL,
    profile_id text NOT NULL,
    scorecard_id text NOT NULL,
    criterion_id text NOT NULL,
    numeric_value double precision,
    ai_value double precision,
    text_value text,
    not_applicable boolean NOT NULL,
    ai_scored boolean NOT NULL,
    PRIMARY KEY (customer_id, profile_id, scorecard_id, criterion_id),
    FOREIGN KEY (customer_id, profile_id, scorecard_id) REFERENCES scorecards ON DELETE CASCADE
);

-- The audit trail: one row a write, of the scorecard as that write left it.
CREATE TABLE historic_scorecards (
    LIKE scorecards,
    historic_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    method text NOT NULL
);

CREATE TABLE historic_scores (
    LIKE scores,
    historic_id bigint NOT NULL REFERENCES historic_scorecards,
    PRIMARY KEY (historic_id, criterion_id)
);

-- Scorecards that were written and whose copy is owed, for the behaviour that keeps its debts here.
CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id text NOT NULL,
    profile_id text NOT NULL,
    scorecard_id text NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class TableFaults:
    """What a planted fault adds to the definitions of the ClickHouse tables."""

    headers: str = ""
    """Clauses of the table of scorecards."""
    both: str = ""
    """Clauses of both tables."""
    grouped: bool = True
    """Whether rows that wait for an insert go together; else each copy's rows are inserted on their own."""


NO_TABLE_FAULTS = TableFaults()


def clickhouse_ddl(*, datetime64: bool, faults: TableFaults = NO_TABLE_FAULTS) -> tuple[str, ...]:
    """Return the statements that make the ClickHouse tables in the current database.

    `datetime64` says whether the server has that type (it came with 20.1); without it the times are kept in whole seconds.
    """
    time = "DateTime64(6, 'UTC')" if datetime64 else "DateTime('UTC')"
    return (
        f"""
        CREATE TABLE scorecards (
            customer_id String,
            profile_id String,
            scorecard_id String,
            template String,
            agent String,
            creator String,
            overall_score Nullable(Float64),
            submitted_at Nullable({time}),
            submitter_user_id String,
            created_at {time},
            updated_at {time},
            version UInt64,
            deleted UInt8 DEFAULT 0
        ) ENGINE = ReplacingMergeTree(version) ORDER BY (customer_id, profile_id, scorecard_id) {faults.headers} {faults.both}
        """,
        f"""
        CREATE TABLE scores (
            customer_id String,
            profile_id String,
            scorecard_id String,
            criterion_id String,
            numeric_value Nullable(Float64),
            ai_value Nullable(Float64),
            text_value Nullable(String),
            not_applicable UInt8,
            ai_scored UInt8,
            version UInt64,
            deleted UInt8 DEFAULT 0
        ) ENGINE = ReplacingMergeTree(version) ORDER BY (customer_id, profile_id, scorecard_id, criterion_id) {faults.both}
        """,
    )


def journal_ddl(*, bounded: bool) -> tuple[str, ...]:
    """Return the statements that keep every row that is inserted from then on, so that merges hide none from whoever looks for the cause.

    `bounded` says whether the server can drop the oldest rows of such a table (since 24.5), as a long run needs.
    """
    statements = []
    for table, rows in (("scorecards", 100_000), ("scores", 500_000)):
        bounds = f" SETTINGS min_rows_to_keep = {rows}, max_rows_to_keep = {2 * rows}" if bounded else ""
        statements += [
            f"CREATE TABLE {table}_journal AS {table} ENGINE = Memory{bounds}",
            f"CREATE MATERIALIZED VIEW {table}_to_journal TO {table}_journal AS SELECT * FROM {table}",  # noqa: S608
        ]
    return tuple(statements)
