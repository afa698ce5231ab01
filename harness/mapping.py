"""How a target's tables are named: what a scenario's `[mapping]` can say. The defaults are the reference service's."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from harness.settings import Settings

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _identifier(name: str) -> str:
    if _IDENTIFIER.fullmatch(name) is None:
        raise ValueError("an identifier has letters, digits and underscores only, and does not begin with a digit")
    return name


def _column(value: object) -> object:
    """Check a column's name; `false` says that there is no such column."""
    if value is False:
        return value
    if not isinstance(value, str):
        raise ValueError("must be a column's name, or false where the store has no such column")  # noqa: TRY004 - for pydantic
    return _identifier(value)


def _none_for_false(value: object) -> object:
    """Let TOML, which has no null, say that there is no such column."""
    return None if value is False else value


Identifier = Annotated[str, AfterValidator(_identifier)]
Column = Annotated[str | Literal[False], BeforeValidator(_column)]


class _Table(Settings):
    customer: Identifier = "customer_id"
    profile: Identifier = "profile_id"
    scorecard: Identifier = "scorecard_id"

    @property
    def key(self) -> tuple[str, str, str]:
        """The columns of a scorecard's name."""
        return self.customer, self.profile, self.scorecard


class HeaderTable(_Table):
    """The table of scorecards; a column set to false is one that the store does not have, and is not compared."""

    table: Identifier = "scorecards"
    template: Column = "template"
    agent: Column = "agent"
    creator: Column = "creator"
    overall_score: Column = "overall_score"
    submit_time_us: Column = "submitted_at"
    submitter: Column = "submitter_user_id"
    create_time_us: Column = "created_at"
    update_time_us: Column = "updated_at"


class ScoreTable(_Table):
    """The table of scores; a column set to false is one that the store does not have, and is not compared."""

    table: Identifier = "scores"
    criterion: Identifier = "criterion_id"
    numeric_value: Column = "numeric_value"
    ai_value: Column = "ai_value"
    text_value: Column = "text_value"
    not_applicable: Column = "not_applicable"
    ai_scored: Column = "ai_scored"


class PostgresMapping(Settings):
    """PostgreSQL's tables, in the schema `namespace`."""

    namespace: Identifier = "public"
    headers: HeaderTable = HeaderTable()
    scores: ScoreTable = ScoreTable()


class ClickHouseMapping(Settings):
    """ClickHouse's tables, in the database of the URL; `deleted` is the tombstone column, false (None here) where there is none.

    Where a table's name with `journal_suffix` is a table too, it is taken for its journal: every row that was ever inserted, as a
    materialized view can keep it, so that merges hide no version. false (None here) says not to look for one.
    """

    headers: HeaderTable = HeaderTable()
    scores: ScoreTable = ScoreTable()
    version: Identifier = "version"
    deleted: Annotated[Identifier | None, BeforeValidator(_none_for_false)] = "deleted"
    journal_suffix: Annotated[Identifier | None, BeforeValidator(_none_for_false)] = "_journal"


HEADER_FIELDS = (
    "template",
    "agent",
    "creator",
    "overall_score",
    "submit_time_us",
    "submitter",
    "create_time_us",
    "update_time_us",
)
SCORE_FIELDS = ("numeric_value", "ai_value", "text_value", "not_applicable", "ai_scored")


class StoreMapping(Settings):
    """Both stores' tables."""

    postgres: PostgresMapping = PostgresMapping()
    clickhouse: ClickHouseMapping = ClickHouseMapping()

    @property
    def ignored(self) -> frozenset[str]:
        """The fields of Header and Score that a store does not have, and that are therefore not compared."""
        pairs = [(self.postgres.headers, HEADER_FIELDS), (self.clickhouse.headers, HEADER_FIELDS)]
        score_pairs = [(self.postgres.scores, SCORE_FIELDS), (self.clickhouse.scores, SCORE_FIELDS)]
        return frozenset(
            name for table, names in [*pairs, *score_pairs] for name in names if getattr(table, name) is False
        )
