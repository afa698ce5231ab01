"""Ctrl-C while whole tables are compared: exit code 130 at any instant, and what was found is told and kept."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest
from commands import HARNESS, ROOT, Ended, clean_environment, harness, parsed, start, start_program, until

from harness.embedded.stack import Stack, StackConfig, embedded_stack
from harness.service.schema import POSTGRES_DDL, clickhouse_ddl

# So many that judging them takes some seconds.
ROWS = 12_000
UP = "print('up', flush=True); from harness.__main__ import main; main()"


@pytest.fixture(scope="module")
async def places() -> AsyncIterator[tuple[str, ...]]:
    """Stores of which ClickHouse's lacks every scorecard."""
    async with embedded_stack(StackConfig(None)) as stack:
        await fill(stack)
        yield "--pg", stack.postgres_reader_dsn, "--clickhouse", stack.clickhouse_reader_url


async def fill(stack: Stack) -> None:
    owner = await asyncpg.connect(stack.postgres_dsn)
    await owner.execute(POSTGRES_DDL)
    async with aiohttp.ClientSession() as session:
        for statement in clickhouse_ddl(datetime64=True):
            url = urlsplit(stack.clickhouse_url)
            user = {"X-ClickHouse-User": url.username or "", "X-ClickHouse-Key": url.password or ""}
            place = f"http://{url.hostname}:{url.port}/?database={url.path[1:]}"
            async with session.post(place, headers=user, data=statement) as answer:
                assert answer.status == 200, await answer.text()
    await owner.execute(
        "INSERT INTO scorecards SELECT 'c', 'p', 's' || i, '', '', '', NULL, NULL, '', to_timestamp(1), to_timestamp(2)"
        f" FROM generate_series(1, {ROWS}) AS i"
    )
    await owner.close()


def interrupted(*arguments: str, after_s: float) -> Ended:
    """Interrupt the command so long after the interpreter came up, whose own start nobody can make bear a signal."""
    command = [sys.executable, "-c", UP, "verify", "--all", *arguments]
    running = start_program(command)
    assert running.stdout is not None and running.stdout.readline() == "up\n"
    time.sleep(after_s)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert "Traceback" not in err and "never awaited" not in err, err
    assert running.returncode == 130, err
    return Ended(running.returncode, out, err)


def with_differences(*arguments: str) -> tuple[float, Any]:
    """Interrupt the command when it has found some differences, but not all; return when that was, and what it printed as JSON.

    Second looks are taken two seconds after the first ones, some hundred scorecards at a time: an instant between those is found by trying.
    """
    for after_s in (3, 3.5, 4, 5, 7, 9, 13):
        found = parsed(interrupted("--json", *arguments, after_s=after_s).out or "{}")
        if found.get("difference_count"):
            return after_s, found
    raise AssertionError("no difference was found in time")


@pytest.mark.parametrize("after_s", [0.1, 0.3, 0.6, 1, 1.5, 2])
def test_at_any_instant_it_ends_with_130(after_s: float, places: tuple[str, ...]) -> None:
    assert interrupted(*places, after_s=after_s).code == 130


def test_started_to_ignore_it_it_goes_on(places: tuple[str, ...]) -> None:
    """As a shell script starts its background."""
    command = ["env", "--ignore-signal=INT", sys.executable, "-c", UP, "verify", "--all", "--max-differences", "1"]
    running = start_program([*command, *places])
    assert running.stdout is not None and running.stdout.readline() == "up\n"
    for _ in range(4):
        time.sleep(0.4)
        running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 1, err
    assert out.splitlines()[-1].startswith("DIFFER: 1 scorecard")


def test_what_was_found_is_told_and_marked(places: tuple[str, ...]) -> None:
    after_s, found = with_differences(*places)
    assert (found["status"], found["complete"], found["equal"]) == ("partial", False, False)
    assert 0 < found["difference_count"] < ROWS
    assert len(found["differences"]) == min(1000, found["difference_count"])
    assert found["tables"]["headers"] == {
        "postgres_rows": ROWS,
        "clickhouse_rows": 0,
        "suspects": ROWS,
        "complete": False,
    }
    out = interrupted(*places, after_s=after_s).out
    assert out.splitlines()[-1].startswith("INTERRUPTED, partial; ")
    assert "headers   at least 12,000 rows in PostgreSQL, 0 in ClickHouse" in out


def test_what_was_found_is_kept(places: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "progress"
    _, partial = with_differences("--resume", str(file), *places)
    before = partial["difference_count"]
    kept = json.loads(file.read_text().splitlines()[0])
    assert len(kept["open"]) + kept["beyond"]["different"] >= ROWS
    ended = harness("verify", "--all", "--json", "--resume", str(file), *places)
    found = parsed(ended.out)
    assert (ended.code, found["status"], found["difference_count"]) == (1, "complete", ROWS)
    assert 0 < before < ROWS


def test_sigterm_is_no_other(places: tuple[str, ...]) -> None:
    running = start("verify", "--all", *places)
    time.sleep(2)
    running.terminate()
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "INTERRUPTED" in out


def test_kill_9_leaves_the_progress_of_a_moment_ago(places: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "progress"
    running = start("verify", "--all", "--resume", str(file), *places)
    until(lambda: file.exists() and '"different": 0' not in file.read_text(), "some differences", 30)
    running.kill()
    running.communicate()
    ended = harness("verify", "--all", "--json", "--resume", str(file), *places)
    assert parsed(ended.out)["difference_count"] == ROWS


def test_stopped_early(places: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "progress"
    ended = harness("verify", "--all", "--max-differences", "5", "--resume", str(file), *places)
    assert ended.code == 1
    assert "headers   at least 12,000 rows in PostgreSQL, 0 in ClickHouse, left early" in ended.out
    assert ended.out.splitlines()[-1] == "DIFFER: 5 scorecards, stopped at --max-differences"
    assert file.exists()


def test_output_that_fills_a_disk_is_one_line(places: tuple[str, ...]) -> None:
    for form in ((), ("--json",)):
        command = [*HARNESS, "verify", "--all", "--max-differences", "1", *form, *places]
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run(
                command, stdout=full, stderr=subprocess.PIPE, env=clean_environment(), cwd=ROOT, check=False, text=True
            )
        assert (ended.returncode, ended.stderr) == (
            3,
            "harness: the output cannot be written: No space left on device\n",
        )
