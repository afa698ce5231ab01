"""What `harness verify` says where it cannot compare: one line, and an exit code that is never taken for a difference."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from commands import HARNESS, ROOT, Ended, clean_environment, harness, side_by_side

from harness.embedded.stack import Stack

NAME = "customers/c/profiles/p/scorecards/none"
NO_STORE = ("--pg", "postgresql://u:p@127.0.0.1:1/d", "--clickhouse", "http://u:p@127.0.0.1:1/d")


def stores(staging: Stack) -> tuple[str, ...]:
    return ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--name", "scorecards/1", *NO_STORE), "it must read customers/C/profiles/P/scorecards/ID"),
        (("--name", NAME, *NO_STORE[:2]), "verify needs --clickhouse URL or --clickhouse-command CMD\n"),
        (("--name", NAME, *NO_STORE[2:]), "verify needs --pg DSN or --pg-command CMD\n"),
        (("--name", NAME, "--resume", "/tmp/x", *NO_STORE), "--resume and --max-differences belong to --all"),
        (("--name", NAME, "--max-differences", "3", *NO_STORE), "--resume and --max-differences belong to --all"),
        (("--names-file", "/dev/null", *NO_STORE), "names file /dev/null names no scorecard"),
    ],
)
def test_bad_usage_is_told_before_a_store_is_asked(arguments: tuple[str, ...], message: str) -> None:
    ended = harness("verify", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_file_with_a_line_that_is_no_name(tmp_path: Path) -> None:
    path = tmp_path / "names"
    path.write_text(f"{NAME}\n\nscorecards/1\n")
    ended = harness("verify", "--names-file", str(path), *NO_STORE)
    assert ended.code == 2
    assert ended.err.startswith(f"harness: {path}:3: 'scorecards/1' is not a scorecard's name")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("harness_reader:", "harness_reader:x", "refused the user or the password"),
        ("/coaching", "/nowhere", 'database "nowhere" does not exist'),
        ("/coaching", "/postgres", 'relation "public.scorecards" does not exist'),
        ("/coaching", "/coaching?sslmode=require", "cannot be reached: "),
    ],
)
def test_a_postgres_that_cannot_be_read(old: str, new: str, message: str, staging: Stack) -> None:
    dsn = staging.postgres_reader_dsn
    expect_refusal(("--pg", dsn.replace(old, new), "--clickhouse", staging.clickhouse_reader_url), message)


async def test_no_right_to_select(staging: Stack) -> None:
    server = urlsplit(staging.postgres_dsn).netloc.rpartition("@")[2]
    owner = await asyncpg.connect(staging.postgres_dsn)
    await owner.execute("CREATE ROLE poor LOGIN PASSWORD 'pw'; GRANT SELECT ON scores TO poor")
    try:
        places = ("--pg", f"postgresql://poor:pw@{server}/coaching", "--clickhouse", staging.clickhouse_reader_url)
        expect_refusal(places, "permission denied for table scorecards; grant the user SELECT on it")
    finally:
        await owner.execute("DROP OWNED BY poor; DROP ROLE poor")
        await owner.close()


@pytest.mark.parametrize("selection", [("--name", NAME), ("--sample", "1")])
def test_a_clickhouse_that_cannot_be_read(selection: tuple[str, ...], staging: Stack) -> None:
    url, postgres = staging.clickhouse_reader_url, staging.postgres_reader_dsn
    port = str(urlsplit(postgres).port)
    tried = (
        (url.replace("harness_reader:", "harness_reader:x"), "Authentication failed"),
        (url.replace("/coaching", "/default"), "there is no table 'scorecards'"),
        (url.replace("http:", "https:"), "cannot be reached: "),
        (url.replace(f":{urlsplit(url).port}", f":{port}"), f"127.0.0.1:{port}/coaching cannot be reached: "),
    )
    ends = side_by_side(*(("verify", *selection, "--pg", postgres, "--clickhouse", wrong) for wrong, _ in tried))
    for ended, (_, message) in zip(ends, tried, strict=True):
        expect_refused(ended, message)


def expect_refusal(places: tuple[str, ...], message: str) -> None:
    expect_refused(harness("verify", "--name", NAME, *places), message)


def expect_refused(ended: Ended, message: str) -> None:
    assert (ended.code, ended.out) == (3, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_output_that_nobody_reads_is_no_difference(form: tuple[str, ...], staging: Stack) -> None:
    command = [*HARNESS, "verify", "--name", NAME, *form, *stores(staging)]
    reader = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment(), cwd=ROOT
    )
    assert reader.stdout is not None and reader.stderr is not None
    reader.stdout.close()
    assert (reader.stderr.read(), reader.wait(60)) == (b"", 3)
    reader.stderr.close()


def test_output_that_cannot_be_written_is_no_difference(staging: Stack) -> None:
    command = [*HARNESS, "verify", "--name", NAME, *stores(staging)]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=clean_environment(), cwd=ROOT, check=False
        )
    assert ended.returncode == 3
    assert b"No space left on device" in ended.stderr
