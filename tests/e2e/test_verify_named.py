"""`harness verify` of many scorecards by name: what is shown of each, the end line, and scorecards under write."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest
from commands import harness, parsed, start

from harness.embedded.stack import Stack

PROFILE = "customers/named/profiles/p/scorecards"
AGREEING = [f"{PROFILE}/agrees-{n}" for n in range(12)]
LATE, ABSENT, ODD = (f"{PROFILE}/{name}" for name in ("late", "absent", "\x1b[31modd\tname "))
COLUMNS = "customer_id, profile_id, scorecard_id, template, agent, creator, submitter_user_id, created_at, updated_at"
TIME = "2026-01-01 00:00:00"


@pytest.fixture(scope="module")
async def filled(staging: Stack) -> AsyncIterator[None]:
    """A dozen scorecards that both stores have, and two that PostgreSQL has alone."""
    owner = await asyncpg.connect(staging.postgres_dsn)
    try:
        for name in [*AGREEING, LATE, ODD]:
            statement = (
                f"INSERT INTO scorecards ({COLUMNS}) VALUES ('named', 'p', $1, 't', 'a', 'c', '', '{TIME}Z', '{TIME}Z')"
            )
            await owner.execute(statement, name.removeprefix(f"{PROFILE}/"))
        await copy(staging, *AGREEING)
        yield
        await owner.execute("DELETE FROM scorecards WHERE customer_id = 'named'")
    finally:
        await owner.close()


async def copy(staging: Stack, *names: str) -> None:
    """Write scorecards to ClickHouse as the service does."""
    values = [f"('named', 'p', '{n.rpartition('/')[2]}', 't', 'a', 'c', '', '{TIME}', '{TIME}', 1)" for n in names]
    url = urlsplit(staging.clickhouse_url)
    headers = {"X-ClickHouse-User": url.username or "", "X-ClickHouse-Key": url.password or ""}
    statement = f"INSERT INTO scorecards ({COLUMNS}, version) VALUES {', '.join(values)}"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"http://{url.hostname}:{url.port}/", params={"database": url.path[1:]}, data=statement) as answer,
    ):
        assert answer.status == 200, await answer.text()


def stores(staging: Stack) -> tuple[str, ...]:
    return ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)


def lines_of(out: str, name: str) -> list[str]:
    return [line for line in out.splitlines() if line.startswith(name)]


@pytest.mark.usefixtures("filled")
def test_names_can_stand_behind_one_flag_or_each_behind_its_own(staging: Stack) -> None:
    one, two, three = AGREEING[:3]
    ended = harness("verify", "--name", one, two, "--name", three, *stores(staging))
    assert ended.code == 0, ended.err
    assert sorted(lines_of(ended.out, PROFILE)) == [one, two, three]
    assert ended.out.count("ClickHouse RAW, by version") == 3
    assert ended.out.splitlines()[-1] == "3 scorecards agree"


def test_a_name_behind_no_flag_is_refused() -> None:
    for others in ((), ("--all",), ("--names-file", "/dev/null")):
        ended = harness("verify", AGREEING[0], *others)
        assert (ended.code, ended.out) == (2, "")
        assert (
            ended.err == f"harness: {AGREEING[0]!r} stands behind no flag: give scorecards as --name NAME [NAME ...]\n"
        )


@pytest.mark.usefixtures("filled")
def test_of_many_names_those_that_agree_are_a_line_each(staging: Stack, tmp_path: Path) -> None:
    path = tmp_path / "names"
    path.write_text("\n".join([*AGREEING, ODD, ABSENT]) + "\n")
    options = ("--names-file", str(path), "--settle", "0", *stores(staging))
    ended = harness("verify", *options)
    assert ended.code == 1, ended.err
    assert [lines_of(ended.out, f"{name}:") for name in AGREEING] == [[f"{name}: agree"] for name in AGREEING]
    assert ended.out.count("ClickHouse RAW, by version") == 2
    odd = rf"{PROFILE}/\x1b[31modd\tname "
    assert lines_of(ended.out, odd) == [odd]
    assert ended.out.splitlines()[-3:] == [
        "1 of 14 scorecards differs, 1 is in neither store",
        f"  {odd}: missing_row",
        f"  {ABSENT}: in neither store",
    ]
    full = harness("verify", "--full", *options)
    assert (full.code, full.out.count("ClickHouse RAW, by version")) == (1, 14)
    document = parsed(harness("verify", "--json", *options).out)
    assert [one["scorecard"] for one in document] == [*AGREEING, ODD, ABSENT]
    assert [(one["agree"], one["found"], one["settled"]) for one in document[-3:]] == [
        (True, True, True),
        (False, True, True),
        (True, False, True),
    ]


@pytest.mark.usefixtures("filled")
async def test_a_copy_that_lands_late_is_no_difference(staging: Stack) -> None:
    running = start("verify", "--name", LATE, "--settle", "4", *stores(staging))
    time.sleep(1.5)
    await copy(staging, LATE)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out.splitlines()[1]) == (0, "  agree"), err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--all", "--full"), "--full belongs to named scorecards"),
        (("--name", ABSENT, "--settle", "-1"), "Invalid value for '--settle'"),
        (("--name", ABSENT, "--settle", "nan"), "--settle takes a number of seconds"),
    ],
)
def test_what_cannot_be_asked(arguments: tuple[str, ...], message: str) -> None:
    ended = harness("verify", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
