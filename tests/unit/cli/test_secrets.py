"""No command shows the address of a store because it is no value of some option of that command."""

from collections.abc import Iterator

import click
import pytest

from harness.cli.main import cli
from harness.cli.stack import up

SECRET = {"HARNESS_PG", "HARNESS_CLICKHOUSE", "HARNESS_TOKEN", "HARNESS_PG_COMMAND", "HARNESS_CLICKHOUSE_COMMAND"}


def parameters(command: click.Command) -> Iterator[click.Parameter]:
    yield from command.params
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            one = command.get_command(context, name)
            assert one is not None
            yield from parameters(one)


def test_what_is_read_from_a_variable_that_holds_a_secret_is_any_text() -> None:
    """Any other type would quote the secret where it is none of its values."""
    found = [p for p in parameters(cli) if p.envvar in SECRET]
    assert {p.envvar for p in found} >= {"HARNESS_PG", "HARNESS_CLICKHOUSE", "HARNESS_TOKEN"}
    assert [p.name for p in found if p.type is not click.STRING] == []


def test_stack_up_takes_no_address_for_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CLICKHOUSE", "http://harness:s3cret@127.0.0.1:1/coaching")
    assert up.make_context("up", []).params["clickhouse"] == "embedded"
