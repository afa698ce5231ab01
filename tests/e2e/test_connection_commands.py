"""The stores' addresses from commands: what wins, what is said where one gives none, and that no secret is shown or written."""

import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from commands import Ended, harness

from harness.embedded.stack import Stack

NOWHERE = "customers/c/profiles/p/scorecards/none"
SAID = "neither store has this scorecard"


@pytest.fixture(scope="module")
def printing(staging: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The flags with commands that print the addresses, as a connection tool does."""
    folder = tmp_path_factory.mktemp("addresses")
    addresses = {"pg": staging.postgres_reader_dsn, "clickhouse": staging.clickhouse_reader_url}
    for name, address in addresses.items():
        (folder / name).write_text(f"{address}\n")
    return tuple(part for name in addresses for part in (f"--{name}-command", f"cat {folder / name}"))


def verify(*arguments: str, **environment: str) -> Ended:
    return harness("verify", "--name", NOWHERE, *arguments, environment=environment)


def test_verify_asks_the_commands(printing: tuple[str, ...]) -> None:
    ended = verify(*printing)
    assert (ended.code, ended.err) == (1, "")
    assert SAID in ended.out
    whole = harness("verify", "--sample", "1", "--json", *printing)
    assert (whole.code, whole.err) == (0, "")


def test_a_run_asks_the_commands_and_writes_no_secret(
    staging: Stack, printing: tuple[str, ...], tmp_path: Path
) -> None:
    target = ("--target", str(staging.target), "--token-command", f"echo Bearer {staging.token}")
    ended = harness("run", "--iterations", "2", "--wait", "0.5", "--out", str(tmp_path), *target, *printing)
    assert ended.code == 0, ended.err
    written = "".join(path.read_text() for path in tmp_path.glob("*/*"))
    assert "--pg-command" in ended.report(tmp_path).command
    for address in (staging.postgres_reader_dsn, staging.clickhouse_reader_url):
        assert str(urlsplit(address).password) not in written + ended.out + ended.err


class TestWhatWins:
    def test_a_flag_over_the_environment(self, staging: Stack, printing: tuple[str, ...]) -> None:
        wrong = {"HARNESS_PG": "postgresql://u@127.0.0.1:1/d", "HARNESS_CLICKHOUSE": "http://127.0.0.1:1/d"}
        assert verify(*printing, **wrong).code == 1
        given = ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)
        assert verify(*given, HARNESS_PG_COMMAND="false", HARNESS_CLICKHOUSE_COMMAND="false").code == 1

    def test_a_command_of_the_environment_where_nothing_else_is_set(self, printing: tuple[str, ...]) -> None:
        ended = verify(HARNESS_PG_COMMAND=printing[1], HARNESS_CLICKHOUSE_COMMAND=printing[3], HARNESS_PG="")
        assert (ended.code, ended.err) == (1, "")

    def test_neither_of_two_that_stand_alike(self, printing: tuple[str, ...]) -> None:
        flags = verify("--pg", "postgresql://h/d", *printing)
        assert (flags.code, flags.err) == (2, "harness: give one of --pg and --pg-command\n")
        variables = verify(*printing[2:], HARNESS_PG="postgresql://h/d", HARNESS_PG_COMMAND="false")
        assert variables.code == 2
        assert "HARNESS_PG and HARNESS_PG_COMMAND are set in the environment" in variables.err

    def test_a_token_flag_over_a_token_of_the_environment(
        self, staging: Stack, printing: tuple[str, ...], tmp_path: Path
    ) -> None:
        flags = ("--target", str(staging.target), "--token", str(staging.token), *printing)
        environment = {"HARNESS_TOKEN_COMMAND": "false"}
        ended = harness(
            "run", "--iterations", "1", "--wait", "0.5", "--out", str(tmp_path), *flags, environment=environment
        )
        assert ended.code == 0, ended.err

    def test_the_name_of_an_engine_over_a_command_of_the_environment(self, tmp_path: Path) -> None:
        ended = harness(
            *("run", "--clickhouse", "embedded", "--iterations", "1", "--wait", "0.5", "--out", str(tmp_path)),
            environment={"HARNESS_CLICKHOUSE_COMMAND": "false"},
        )
        assert ended.code == 0, ended.err

    def test_no_command_without_a_target(self) -> None:
        ended = harness("run", "--pg-command", "false")
        assert ended.code == 2
        assert "belong to an external --target" in ended.err


FAILING = [
    ("no-such-tool connstring", 3, "--pg-command 'no-such-tool connstring' cannot be run: No such file or directory"),
    ("sh -c 'echo logged out >&2; exit 4'", 3, "failed with status 4: logged out"),
    ("true", 3, "printed nothing, where one line is wanted"),
    ("printf 'postgresql://u:s3cret@h/d\\nhello\\n'", 3, "printed 2 lines, where one line is wanted"),
    ("echo password=s3cret", 3, "printed one line, but not a DSN such as postgresql://"),
    ("sh -c 'echo postgresql://u:s3cret@h/d >&2; exit 1'", 3, "failed with status 1: postgresql://u:***@h/d"),
    ("sh -c 'unclosed", 2, "is no command: no closing quotation"),
]


@pytest.mark.parametrize(("command", "code", "message"), FAILING)
def test_what_a_command_that_gives_no_address_is_told(
    command: str, code: int, message: str, printing: tuple[str, ...]
) -> None:
    ended = verify("--pg-command", command, *printing[2:])
    assert (ended.code, ended.out) == (code, "")
    assert message in ended.err
    assert "s3cret" not in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_run_whose_command_fails_is_written_as_failed(
    staging: Stack, printing: tuple[str, ...], tmp_path: Path
) -> None:
    failing = f"sh -c {shlex.quote('echo postgresql://u:s3cret@h/d >&2; exit 1')}"
    target = ("--target", str(staging.target), "--token", str(staging.token), "--out", str(tmp_path))
    ended = harness("run", *target, "--pg-command", failing, *printing[2:])
    assert (ended.code, ended.out) == (3, "")
    report = ended.report(tmp_path)
    assert (report.status, report.gate.verdict) == ("failed", "inconclusive")
    assert report.gate.reason.endswith("failed with status 1: postgresql://u:***@h/d")
    assert "s3cret" not in report.model_dump_json()
