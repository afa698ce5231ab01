"""The watch over many iterations at once, with a clock that the test owns."""

from collections.abc import Callable, Collection, Set

from evidence import CONTENT, NAME, RULES, call, fired, rows, scorecard, snapshot
from fakes import FakeClock, FakeReaders

from harness.check.anomalies import failures
from harness.check.conclusion import Conclusion
from harness.check.verdict import VerdictRules
from harness.model import CallOutcome, Fired, Method, Order, Snapshot, Verdict
from harness.units import NS_PER_MS
from harness.verifier import Verifier

STALE = rows(scorecard(submitted=False))


async def judge(
    content: Callable[[str, float], Snapshot | None], *iterations: Fired, settled_from_ms: float | None = None
) -> tuple[dict[int, Conclusion], FakeReaders, FakeClock]:
    clock = FakeClock()
    readers = FakeReaders(clock, content)
    found: list[Conclusion] = []

    async def settled(names: Collection[str]) -> Set[str]:
        assert settled_from_ms is not None
        return set(names) if clock.now / NS_PER_MS >= settled_from_ms else set()

    async def conclude(conclusions: list[Conclusion]) -> None:
        found.extend(conclusions)

    rules = VerdictRules.of(wait_s=2, horizon_s=5, poll_ms=100, quiescent=False)
    ask = None if settled_from_ms is None else settled
    verifier = Verifier(readers, ask, clock, rules, lambda _: CONTENT, RULES, conclude)
    for iteration in iterations:
        verifier.add(iteration)
    verifier.close()
    await verifier.run()
    assert len(found) == len(iterations)
    return {conclusion.fired.iteration: conclusion for conclusion in found}, readers, clock


def at(stale_from_ms: float, until_ms: float) -> Callable[[str, float], Snapshot]:
    """Stores that disagree in [from, until) and agree otherwise."""

    def content(name: str, now_ms: float) -> Snapshot:
        differ = stale_from_ms <= now_ms < until_ms
        return snapshot(now_ms, clickhouse=STALE if differ else None)._replace(scorecard=name)

    return content


async def test_agreement_throughout_converges_at_the_deadline_and_not_before() -> None:
    found, _, clock = await judge(at(9e9, 9e9), fired())
    assert found[0].verdict is Verdict.CONVERGED
    assert clock.now >= 2_300 * NS_PER_MS


async def test_a_stale_copy_that_lands_after_equality_was_seen_is_found() -> None:
    found, readers, _ = await judge(at(2_000, 9e9), fired())
    assert len(readers.batches) > 5
    assert found[0].verdict is Verdict.DIVERGED
    assert found[0].clickhouse_failed
    assert found[0].convergence_ns is None


async def test_a_copy_that_lands_after_the_deadline_is_late_and_its_evidence_kept() -> None:
    found, _, clock = await judge(at(0, 3_000), fired())
    assert found[0].verdict is Verdict.LATE
    assert {a.field for a in failures(found[0].anomalies)} == {"submit_time_us", "submitter"}
    assert clock.now >= 7_300 * NS_PER_MS


async def test_a_target_that_tells_ends_the_watch_early_but_not_before_the_deadline() -> None:
    found, _, clock = await judge(at(0, 9e9), fired(), settled_from_ms=0)
    assert found[0].verdict is Verdict.DIVERGED
    assert 2_300 <= clock.now / NS_PER_MS < 2_700


async def test_postgres_wrong_and_a_clickhouse_that_follows_it() -> None:
    clobbered = scorecard(submitted=False)

    def content(name: str, now_ms: float) -> Snapshot:
        return snapshot(now_ms, postgres=clobbered)._replace(scorecard=name)

    found, _, _ = await judge(content, fired())
    assert found[0].verdict is Verdict.POSTGRES_WRONG
    assert not found[0].clickhouse_failed


async def test_a_create_that_failed_is_an_error_with_its_reason_and_asks_no_store() -> None:
    create = call(Method.CREATE, outcome=CallOutcome.REFUSED, detail="no such profile")
    found, readers, _ = await judge(at(0, 0), Fired(0, 1.0, Order.UPDATE_FIRST, "", (create,)))
    assert found[0].verdict is Verdict.ERROR
    assert found[0].reason == "CreateScorecard was refused with NOT_FOUND: no such profile"
    assert readers.batches == []


async def test_stores_that_cannot_be_read_make_errors_and_a_short_absence_none() -> None:
    gone, _, _ = await judge(lambda _name, _now: None, fired())
    assert (gone[0].verdict, gone[0].reason) == (Verdict.ERROR, "the store is away")
    back = at(9e9, 9e9)
    found, _, _ = await judge(lambda name, now: None if now < 3_000 else back(name, now), fired())
    assert found[0].verdict is Verdict.CONVERGED


async def test_versions_that_were_merged_away_before_the_verdict_are_kept_as_evidence() -> None:
    old, new = (rows(scorecard()).final_headers[0]._replace(version=version) for version in (1, 2))

    def content(name: str, now_ms: float) -> Snapshot:
        seen = (old, new) if now_ms < 600 else (new,)
        return snapshot(now_ms, clickhouse=STALE._replace(raw_headers=seen))._replace(scorecard=name)

    found, _, _ = await judge(content, fired())
    assert found[0].raw_headers == (old, new)


async def test_all_that_are_due_are_read_together() -> None:
    iterations = [fired(iteration=number) for number in range(50)]
    found, readers, _ = await judge(at(9e9, 9e9), *iterations)
    assert set(found) == set(range(50))
    assert {len(batch) for batch in readers.batches} == {50}
    assert readers.batches[0][7] == f"{NAME}7"
