"""What a scenario's `[mapping]` may say of a target's tables."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from harness.errors import UsageError
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS, StoreMapping
from harness.scenario_file import load_scenario
from harness.service.schema import POSTGRES_DDL, clickhouse_ddl

NOT_IDENTIFIERS = ["", " ", "a b", "1a", 'a"', "a`b", "a;--", "a.b", "é", "a\n", "a\0", "a-b", "a'b", "a)"]


def parsed(store: str, table: str | None, values: dict[str, object]) -> StoreMapping:
    """Return the mapping of one store's values, or of one of its tables'."""
    return StoreMapping.model_validate({store: values if table is None else {table: values}})


class TestDefaults:
    def test_name_every_column_of_the_reference_service(self) -> None:
        mapping = StoreMapping()
        clickhouse = "".join(clickhouse_ddl(datetime64=True))
        for tables, definition in ((mapping.postgres, POSTGRES_DDL), (mapping.clickhouse, clickhouse)):
            for table in (tables.headers, tables.scores):
                body = definition.split(f"CREATE TABLE {table.table} (")[1].split("PRIMARY KEY")[0].split("ENGINE")[0]
                for column in table.model_dump(exclude={"table"}).values():
                    assert f" {column} " in body
        assert f" {mapping.clickhouse.version} UInt64" in clickhouse
        assert f" {mapping.clickhouse.deleted} UInt8" in clickhouse

    def test_compare_everything(self) -> None:
        assert StoreMapping().ignored == frozenset()

    def test_cannot_be_changed(self) -> None:
        with pytest.raises(ValidationError, match="frozen"):
            StoreMapping().postgres.headers.table = "x"


class TestNames:
    @pytest.mark.parametrize("name", NOT_IDENTIFIERS)
    @pytest.mark.parametrize(
        ("store", "table", "key"),
        [
            ("postgres", None, "namespace"),
            ("postgres", "headers", "table"),
            ("postgres", "headers", "customer"),
            ("postgres", "scores", "criterion"),
            ("postgres", "scores", "ai_value"),
            ("clickhouse", "headers", "agent"),
            ("clickhouse", None, "version"),
            ("clickhouse", None, "deleted"),
        ],
    )
    def test_that_are_no_identifiers_are_refused(self, store: str, table: str | None, key: str, name: str) -> None:
        with pytest.raises(ValidationError, match="letters, digits and underscores"):
            parsed(store, table, {key: name})

    @pytest.mark.parametrize("name", ["a", "_", "A1_b", "order", "SELECT", "x" * 63])
    def test_that_are_identifiers_are_taken(self, name: str) -> None:
        assert parsed("clickhouse", "scores", {"text_value": name}).clickhouse.scores.text_value == name

    @pytest.mark.parametrize("wrong", [True, 0, 1, None, ["a"], 1.5])
    def test_of_columns_are_names_or_false(self, wrong: object) -> None:
        with pytest.raises(ValidationError, match="or false where"):
            parsed("postgres", "headers", {"agent": wrong})

    @pytest.mark.parametrize("key", ["customer", "profile", "scorecard", "table"])
    def test_of_the_key_and_the_table_cannot_be_missing(self, key: str) -> None:
        with pytest.raises(ValidationError):
            parsed("clickhouse", "headers", {key: False})

    def test_of_the_criterion_and_the_version_cannot_be_missing(self) -> None:
        for table, key in (("scores", "criterion"), (None, "version")):
            with pytest.raises(ValidationError):
                parsed("clickhouse", table, {key: False})

    def test_that_are_unknown_are_refused(self) -> None:
        for store, table in (("postgres", None), ("postgres", "headers"), ("clickhouse", "scores")):
            with pytest.raises(ValidationError, match="Extra inputs"):
                parsed(store, table, {"colour": "red"})


class TestWhatIsNotCompared:
    @pytest.mark.parametrize("store", ["postgres", "clickhouse"])
    @pytest.mark.parametrize("field", HEADER_FIELDS)
    def test_is_a_header_field_that_either_store_lacks(self, store: str, field: str) -> None:
        assert parsed(store, "headers", {field: False}).ignored == {field}

    @pytest.mark.parametrize("store", ["postgres", "clickhouse"])
    @pytest.mark.parametrize("field", SCORE_FIELDS)
    def test_is_a_score_field_that_either_store_lacks(self, store: str, field: str) -> None:
        assert parsed(store, "scores", {field: False}).ignored == {field}

    def test_is_what_any_of_the_stores_lacks(self) -> None:
        values = {"postgres": {"headers": {"agent": False}}, "clickhouse": {"scores": {"ai_value": False}}}
        assert StoreMapping.model_validate(values).ignored == {"agent", "ai_value"}

    def test_does_not_hold_the_tombstone(self) -> None:
        mapping = parsed("clickhouse", None, {"deleted": False})
        assert (mapping.ignored, mapping.clickhouse.deleted) == (frozenset(), None)


class TestInAScenario:
    @pytest.fixture
    def scenario(self, tmp_path: Path) -> Any:
        """Read a scenario of the given lines."""

        def read(*lines: str) -> StoreMapping:
            path = tmp_path / "target.toml"
            path.write_text("\n".join(lines))
            return load_scenario(str(path), {}).mapping

        return read

    def test_it_stands_under_mapping(self, scenario: Any) -> None:
        mapping = scenario(
            "[mapping.postgres]", 'namespace = "app"',
            "[mapping.postgres.headers]", 'submitter = "submitted_by"',
            "[mapping.clickhouse]", "deleted = false",
            "[mapping.clickhouse.scores]", "ai_value = false",
        )  # fmt: skip
        assert mapping.postgres.namespace == "app"
        assert mapping.postgres.headers.submitter == "submitted_by"
        assert mapping.clickhouse.deleted is None
        assert mapping.ignored == {"ai_value"}

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ('agent = "a b"', r"target\.toml:2: mapping\.clickhouse\.headers\.agent: an identifier .*, not 'a b'"),
            ("agent = true", r"target\.toml:2: mapping\.clickhouse\.headers\.agent: must be .* or false .*, not True"),
            ('agnet = "a"', r"target\.toml:2: unknown key 'mapping\.clickhouse\.headers\.agnet'; .*\bagent\b"),
        ],
    )
    def test_an_error_says_where_and_what(self, scenario: Any, line: str, message: str) -> None:
        with pytest.raises(UsageError, match=rf"^.*{message}"):
            scenario("[mapping.clickhouse.headers]", line)
