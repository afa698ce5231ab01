"""Every verdict, seen on real stores with a real service whose schedule alone brings it about."""

import asyncio
from collections import Counter
from pathlib import Path

import asyncpg
import grpc
from commands import Ended, harness, iterations
from staging_services import beside
from trivial_target import TrivialTarget, serving

from harness.check.anomalies import Role
from harness.embedded.stack import Stack
from harness.model import Verdict


def run(tmp_path: Path, scenario: str, *arguments: str) -> tuple[Ended, Counter[Verdict]]:
    path = tmp_path / "scenario.toml"
    path.write_text(scenario)
    ended = harness("run", str(path), "--out", str(tmp_path / "results"), *arguments)
    return ended, Counter(line.verdict for line in iterations(tmp_path / "results"))


COMMON = """
iterations = 20
wait_s = 0.4
"""


async def test_converged(tmp_path: Path, staging: Stack) -> None:
    # Waited for long enough for a machine that is busy with other things.
    scenario = COMMON.replace("0.4", "2.0") + "api_delay_ms = 200\n"
    async with beside(staging, tmp_path, "fix3", slow_share=0) as places:
        ended, verdicts = await asyncio.to_thread(run, tmp_path, scenario, *places)
    assert ended.code == 0, ended.err
    assert verdicts == {Verdict.CONVERGED: 20}


def test_diverged(tmp_path: Path) -> None:
    """As found, both calls load the scorecard before either has saved it: neither copy holds what both did."""
    scenario = COMMON + 'api_delay_ms = 0\n[stack]\nbehaviour = "as_found"\n[gates]\nmax_failure_rate = 0.01\n'
    ended, verdicts = run(tmp_path, scenario)
    assert ended.code == 1, ended.err
    assert verdicts[Verdict.DIVERGED] >= 5
    diverged = [line for line in iterations(tmp_path / "results") if line.verdict is Verdict.DIVERGED]
    assert all(line.anomalies and line.convergence_ms is None for line in diverged)
    assert all(len(line.raw_versions) >= 1 for line in diverged)


def test_late(tmp_path: Path) -> None:
    """Copies that need a second and a half, judged after 0.4 s, with a horizon that lets them come."""
    ended, verdicts = run(
        tmp_path, COMMON + "api_delay_ms = 200\n[stack.latency]\nmedian_ms = 1500\nsigma = 0\nslow_share = 0\n"
    )
    assert ended.code == 0, ended.err
    assert verdicts == {Verdict.LATE: 20}
    (point,) = ended.report(tmp_path / "results").points
    assert (point.failures, point.clickhouse_failures, point.failure_rate) == (20, 20, 1.0)
    assert point.convergence_ms is not None and point.convergence_ms.min > 400


async def test_postgres_wrong(tmp_path: Path, staging: Stack) -> None:
    """Before the save omitted the submit columns, Update could write back the draft that it had loaded."""
    scenario = COMMON.replace("iterations = 20", "iterations = 100") + 'api_delay_ms = 1\norder = "submit_first"\n'
    async with beside(staging, tmp_path, "fix2") as places:
        ended, verdicts = await asyncio.to_thread(run, tmp_path, scenario, *places)
    assert ended.code == 0, ended.err
    assert verdicts[Verdict.POSTGRES_WRONG] >= 1
    wrong = [line for line in iterations(tmp_path / "results") if line.verdict is Verdict.POSTGRES_WRONG]
    assert all("submit_clobber" in {anomaly.anomaly_class for anomaly in line.anomalies} for line in wrong)


async def test_errors_are_never_taken_for_a_pass(tmp_path: Path, staging: Stack) -> None:
    """A service that creates nothing: nothing can be judged, whatever the gate would have said."""
    scenario = COMMON + "[gates]\nmax_failure_rate = 1.0\n"
    stores = ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)
    async with serving(TrivialTarget(refuse={"CreateScorecard": grpc.StatusCode.PERMISSION_DENIED})) as address:
        ended, verdicts = await asyncio.to_thread(run, tmp_path, scenario, "--target", address, *stores)
    assert verdicts == {Verdict.ERROR: 20}
    report = ended.report(tmp_path / "results")
    assert (ended.code, report.status, report.gate.verdict) == (3, "failed", "inconclusive")
    assert report.points[0].failure_rate is None
    assert "nothing could be judged: all 20 iterations ended in errors" in " ".join(ended.out.split())
    (line, *_) = iterations(tmp_path / "results")
    assert line.reason == "CreateScorecard was refused with PERMISSION_DENIED: told to"


async def test_a_store_that_stops_answering_makes_errors_with_the_reason(
    tmp_path: Path, staging: Stack, places: tuple[str, ...]
) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text("iterations = 150\nwait_s = 0.4\nhorizon_s = 0.5\n")
    running = asyncio.create_task(
        asyncio.to_thread(harness, "run", str(path), "--out", str(tmp_path / "results"), *places)
    )
    owner = await asyncpg.connect(staging.postgres_dsn)
    try:
        while not any(path.read_text() for path in tmp_path.glob("results/*/iterations.jsonl")):
            await asyncio.sleep(0.05)
        await owner.execute("ALTER TABLE scores RENAME TO scores_away")
        ended = await running
    finally:
        await owner.execute("ALTER TABLE IF EXISTS scores_away RENAME TO scores")
        await owner.close()
    assert ended.code == 3
    lines = iterations(tmp_path / "results")
    assert any("scores" in (line.reason or "") for line in lines)


CALLS = ("--calls", "update@0,update@2,submit@5", "--iterations", "40", "--wait", "1.5", "--seed", "11")


def test_of_several_updates_and_a_submit_the_cure_loses_none(tmp_path: Path, cured: tuple[str, ...]) -> None:
    ended = harness("run", *CALLS, *cured, "--out", str(tmp_path))
    assert ended.code == 0, ended.err
    (point,) = ended.report(tmp_path).points
    assert (point.api_delay_ms, point.iterations, point.converged) == (5.0, 40, 40)
    for line in iterations(tmp_path):
        methods = [(call.method, call.update) for call in line.calls[1:]]
        assert methods == [("UpdateScorecard", 0), ("UpdateScorecard", 1), ("SubmitScorecard", 0)]


def test_of_several_updates_and_a_submit_a_stale_copy_is_seen_and_its_cause_named(
    tmp_path: Path, unfixed: tuple[str, ...]
) -> None:
    ended = harness("run", *CALLS, *unfixed, "--out", str(tmp_path))
    assert ended.code == 0, ended.err
    (point,) = ended.report(tmp_path).points
    # PostgreSQL is wrong in some of the others, which then count as that.
    assert point.diverged >= 2
    causes = {a.anomaly_class for line in iterations(tmp_path) for a in line.anomalies if a.role is Role.CAUSE}
    assert causes <= {"stale_payload", "version_inversion", "torn_scorecard", "submit_clobber", "lost_update"}
    assert causes & {"stale_payload", "version_inversion"}
