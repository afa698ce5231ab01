"""The `harness` command and the one place where its errors become messages and exit codes."""

import errno
import io
import os
import sys
import traceback
from importlib import import_module

import click

from harness import __version__
from harness.cli.interrupts import at_once, end_at_once, raised
from harness.errors import ExitCode, HarnessError
from harness.memory import keep_freed_memory, relax_collector
from harness.redact import redacted

EPILOG = """Exit codes: 0 all gates pass; 1 a gate failed or `verify` found a difference; 2 bad usage or scenario; 3 the target or a store
cannot be reached, or too many errors to judge; 4 inconclusive; 130 interrupted."""

# What a disk says that takes no more.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

# In the order in which they are listed; a command goes by its function's name in its module.
COMMANDS = {
    "run": "run",
    "sweep": "run",
    "threshold": "threshold",
    "report": "report",
    "compare": "compare",
    "history": "history",
    "verify": "verify",
    "calibrate": "calibrate",
    "explore": "explore",
    "stack": "stack",
    "schema": "schema",
}
"""The commands, and the modules of `harness.cli` that hold them."""


class Commands(click.Group):
    """Imports a command when it is asked for: all of them take a second, which nobody is to wait for who wants one."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command, None where there is none of that name."""
        if name not in COMMANDS:
            return None
        with at_once():
            command = getattr(import_module(f"harness.cli.{COMMANDS[name]}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="harness")
def cli() -> None:
    """Decide, with evidence, whether PostgreSQL and ClickHouse converge when two API calls hit one record at nearly the same time."""


def main() -> None:
    """Run the command line; an error that a user can meet is one line on standard error and its exit code."""
    relax_collector()
    keep_freed_memory()
    try:
        with raised():
            code = cli.main(prog_name="harness", standalone_mode=False)
    except click.ClickException as error:
        # It may quote what stands where the address of a store does not belong.
        shown = io.StringIO()
        error.show(shown)
        click.echo(redacted(shown.getvalue()), nl=False, err=True)
        code = ExitCode.USAGE
    except HarnessError as error:
        click.echo(f"harness: {redacted(str(error))}", err=True)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        # Once more, where it came just before that was said.
        end_at_once()
        click.echo("harness: interrupted", err=True)
        code = ExitCode.INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # The latter is what rich makes of the former.
        _give_up_output()
        code = ExitCode.UNREACHABLE
    except Exception as error:
        # No verdict on the stores, as Python's own exit code 1 would have it.
        code = ExitCode.UNREACHABLE
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            _give_up_output()
            click.echo(f"harness: the output cannot be written: {error.strerror}", err=True)
        else:
            # A bug.
            traceback.print_exc()
    sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _give_up_output() -> None:
    """Have Python not find at its end that what is left to write cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
