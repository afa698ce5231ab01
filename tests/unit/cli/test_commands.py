"""The commands are there, and a command is imported when it is asked for, not before."""

import subprocess
import sys

import click
import pytest

from harness.cli.main import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_is_there_under_its_name(name: str) -> None:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str()


def test_no_other_command_is_there() -> None:
    context = click.Context(cli)
    assert cli.get_command(context, "vrify") is None
    assert cli.list_commands(context) == list(COMMANDS)


def test_one_command_does_not_import_what_another_needs() -> None:
    code = "import sys; from harness.cli.main import cli; cli(['schema', '--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    assert "harness.cli.schema" in modules
    assert not {"harness.cli.run", "harness.run", "grpc", "asyncpg"} & set(modules)
