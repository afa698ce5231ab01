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
