"""`harness verify --name` on scorecards that agree, differ, or are not there."""

from pathlib import Path

import asyncpg
import pytest
from commands import harness, iterations, parsed

from harness.embedded.stack import Stack


@pytest.fixture(scope="module")
def name(tmp_path_factory: pytest.TempPathFactory, staging: Stack) -> str:
    """A scorecard that a run made and judged converged."""
    out = tmp_path_factory.mktemp("verify")
    places = ("--target", str(staging.target), "--token", str(staging.token))
    stores = ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)
    ended = harness(
        "run", "--iterations", "1", "--api-delay", "150", "--wait", "0.5", "--out", str(out), *places, *stores
    )
    assert ended.code == 0, ended.err
    return iterations(out)[0].scorecard


def stores(staging: Stack) -> tuple[str, ...]:
    return ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)


def test_agreement(name: str, staging: Stack) -> None:
    ended = harness("verify", "--name", name, *stores(staging))
    assert ended.code == 0, ended.err
    assert "agree" in ended.out
    assert "submit_time_us" in ended.out and "ClickHouse RAW" in ended.out
    assert max(map(len, ended.out.splitlines())) <= max(80, len(name))


async def test_a_difference_is_marked_and_ends_with_1(name: str, staging: Stack) -> None:
    customer, profile, scorecard = name.split("/")[1::2]
    owner = await asyncpg.connect(staging.postgres_dsn)
    try:
        await owner.execute(
            "UPDATE scorecards SET overall_score = overall_score + 1 WHERE scorecard_id = $1", scorecard
        )
        ended = harness("verify", "--name", name, "--json", *stores(staging))
        assert ended.code == 1
        (found,) = parsed(ended.out)
        assert (found["agree"], [a["class"] for a in found["anomalies"]]) == (False, ["stale_overall_score"])
        shown = harness("verify", "--name", name, *stores(staging))
        assert shown.code == 1
        marked = [line for line in shown.out.splitlines() if line.startswith("x")]
        assert [line.split()[1] for line in marked] == ["overall_score"]
    finally:
        await owner.execute(
            "UPDATE scorecards SET overall_score = overall_score - 1 WHERE scorecard_id = $1", scorecard
        )
        await owner.close()
    assert customer and profile


def test_a_scorecard_that_is_nowhere_is_said_to_be_nowhere(staging: Stack) -> None:
    ended = harness("verify", "--name", "customers/c/profiles/p/scorecards/none", *stores(staging))
    assert "neither store has this scorecard" in ended.out
    assert ended.code == 1


def test_a_name_that_is_none(staging: Stack) -> None:
    ended = harness("verify", "--name", "scorecards/1", *stores(staging))
    assert ended.code == 2
    assert "it must read customers/C/profiles/P/scorecards/ID" in ended.err


def test_a_store_that_cannot_be_read_is_no_agreement(name: str, staging: Stack, tmp_path: Path) -> None:
    ended = harness(
        "verify", "--name", name, "--pg", "postgresql://u:p@127.0.0.1:1/d", "--clickhouse", staging.clickhouse_url
    )
    assert ended.code == 3
    assert "PostgreSQL at 127.0.0.1:1/d cannot be reached" in ended.err


def test_names_from_a_file_and_whole_tables_agree_with_each_other(name: str, staging: Stack, tmp_path: Path) -> None:
    """What the comparison of whole tables accuses is exactly what differs when each scorecard is looked at by name."""
    stale = tmp_path / "stale"
    places = ("--target", str(staging.target), "--token", str(staging.token), *stores(staging))
    made = harness("run", "--iterations", "60", "--api-delay", "0", "--wait", "0.3", "--out", str(stale), *places)
    assert made.code == 0, made.err
    names = [line.scorecard for line in iterations(stale)]
    (tmp_path / "names").write_text("\n".join([name, *names]) + "\n")
    by_name = harness("verify", "--names-file", str(tmp_path / "names"), "--json", *stores(staging))
    differing = {one["scorecard"] for one in parsed(by_name.out) if not one["agree"]}
    whole = harness("verify", "--all", "--json", *stores(staging))
    found = parsed(whole.out)
    accused = {one["scorecard"] for one in found["differences"]}
    assert found["complete"] and found["unsettled_count"] == 0
    assert accused & {name, *names} == differing
    assert whole.code == (1 if accused else 0)
    assert found["tables"]["headers"]["postgres_rows"] >= 61
    shown = harness("verify", "--all", "--max-differences", "1", *stores(staging))
    assert shown.code == whole.code
    assert ("DIFFER: " in shown.out) is bool(accused)


def test_a_part_of_the_tables(name: str, staging: Stack) -> None:
    later = harness("verify", "--since", "2999-01-01", "--json", *stores(staging))
    assert (later.code, parsed(later.out)["tables"]["headers"]["postgres_rows"]) == (0, 0)
    sample = harness("verify", "--sample", "1", "--json", *stores(staging))
    assert sample.code in (0, 1)
    assert parsed(sample.out)["tables"]["headers"]["postgres_rows"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--all", "--sample", "5"), "give one of --all, --since T and --sample N"),
        (("--all", "--name", "customers/c/profiles/p/scorecards/s"), "which scorecards?"),
        (("--since", "yesterday"), "--since 'yesterday' is not a time such as"),
        (("--since", "9999-12-31T23:59:59-10:00"), "is in no year from 1 to 9999 of UTC"),
        (("--all", "--resume", "pyproject.toml"), "delete it to begin anew, or name another file"),
        (("--names-file", "/nowhere"), "names file /nowhere cannot be read"),
        (("--sample", "5", "--resume", "/tmp/x"), "resume"),
    ],
)
def test_what_cannot_be_asked(arguments: tuple[str, ...], message: str, staging: Stack) -> None:
    ended = harness("verify", *arguments, *stores(staging))
    assert ended.code == 2
    assert message in ended.err
