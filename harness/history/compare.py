"""Holds runs against a base: is any of them worse?"""

from collections.abc import Sequence

from harness.errors import ResultsError
from harness.history.anomaly_shifts import anomaly_shifts
from harness.history.changes import changes
from harness.history.document import Advice, Comparison, DurationShift, RateShift, RunComparison, RunName, Standing
from harness.history.durations import METHODS, QUANTILES, counted_shifts, duration_shifts
from harness.history.notes import notes
from harness.history.runs import RunFolder
from harness.history.shared import SharedDelay, base_rate, evenly_spread, shared_delays, summed
from harness.stats.comparison import OVERALL_WEIGHT, Rates, Tested, compare_rates, newcombe, point_weight
from harness.stats.comparison_power import recommended_iterations, smallest_rise
from harness.stats.exact import Pair

TELLS_NOTHING_ABOVE = 0.25
"""Where even a rise by so much at every api-delay would be missed by more than one comparison in ten, there is too little to tell."""


def compare(base: RunFolder, runs: Sequence[RunFolder], alpha: float, max_increase: float | None = None) -> Comparison:
    """Hold each run against the base; a single false "worse" among all failure rates has the probability `alpha` at most.

    `max_increase` is the share by which a duration's quantile may grow (0.2 for 20 %); None reports durations without judging them. Raises
    ResultsError for a run that failed, or that is the base itself.
    """
    for run in (base, *runs):
        if run.report.status == "failed":
            raise ResultsError(
                f"run {run.report.run_id} failed, so there is nothing to compare: {run.report.gate.reason}"
            )
    if any(run.report.run_id == base.report.run_id for run in runs):
        raise ResultsError(f"run {base.report.run_id} is the base and cannot be held against itself; name another")
    shared = [shared_delays(base.report, run.report) for run in runs]
    pairs = [[delay.pair for delay in delays] for delays in shared]
    worse = compare_rates(pairs, alpha)
    better = compare_rates([[pair.mirrored for pair in one] for one in pairs], alpha)
    compared = [
        _compared(base, run, delays, (worse[index], better[index]), alpha, max_increase, len(runs))
        for index, (run, delays) in enumerate(zip(runs, shared, strict=True))
    ]
    verdict, reason = _whole(compared)
    most = max((len(delays) for delays in shared), default=0)
    return Comparison(
        base=run_name(base),
        alpha=alpha,
        max_latency_increase=max_increase,
        verdict=verdict,
        reason=reason,
        runs=compared,
        advice=None if most == 0 else advice(most, len(runs), alpha),
    )


def advice(points: int, runs: int, alpha: float) -> Advice:
    """Return how many judged iterations find a rise from 1 % to 3 % with 90 % power."""
    return Advice(
        at_one_delay=recommended_iterations(points, runs, alpha=alpha),
        at_every_delay=recommended_iterations(points, runs, alpha=alpha, everywhere=True),
    )


def run_name(run: RunFolder) -> RunName:
    """Return which run it is. A failed one has no name here: it is refused before."""
    status = run.report.status
    assert status != "failed"
    return RunName(
        run_id=run.report.run_id,
        folder=str(run.path),
        started_at=run.report.started_at,
        status=status,
        scenario=run.label,
        fingerprint=run.fingerprint,
    )


def _compared(
    base: RunFolder,
    run: RunFolder,
    delays: Sequence[SharedDelay],
    found: tuple[Rates, Rates],
    alpha: float,
    max_increase: float | None,
    runs: int,
) -> RunComparison:
    worse, better = found
    points = [
        _rate_shift(delay.api_delay_ms, delay.pair, rise, fall)
        for delay, rise, fall in zip(delays, worse.points, better.points, strict=True)
    ]
    overall = None
    if worse.overall is not None and better.overall is not None:
        overall = _rate_shift(None, summed(delays), worse.overall, better.overall, comparable=evenly_spread(delays))
    durations = duration_shifts(
        base, run, [delay.api_delay_ms for delay in delays], 1 - alpha / counted_shifts(runs), max_increase
    )
    rise = _smallest_rise(delays, alpha, runs)
    shifted = [*points, *([overall] if overall else [])]
    slower = [f"{one.what} p{one.quantile * 100:g}" for one in durations if one.worse]
    verdict, reason = _judged(shifted, slower, rise, delays)
    unjudged = _unjudged(durations) if max_increase is not None else []
    if verdict == "not_worse" and any(quantile == QUANTILES[0] for _, quantile in unjudged):
        named = ", ".join(what for what, quantile in unjudged if quantile == QUANTILES[0])
        verdict, reason = "inconclusive", f"there is too little to judge how long these took: {named}"
    return RunComparison(
        run=run_name(run),
        verdict=verdict,
        reason=reason,
        points=points,
        overall=overall,
        smallest_rise=rise,
        durations=durations,
        anomalies=anomaly_shifts(delays, alpha),
        changes=changes(base, run),
        notes=notes(base, run, delays)
        + [f"too few to judge p{quantile * 100:g} of {what}" for what, quantile in unjudged],
    )


def _unjudged(durations: Sequence[DurationShift]) -> list[tuple[str, float]]:
    """Return the quantiles that no interval bounds: what was asked for and cannot be answered is never passed over."""
    bounded = {(one.what, one.quantile) for one in durations if one.api_delay_ms is None and one.ratio_low is not None}
    wanted = [(what, quantile) for what in (*METHODS, "convergence") for quantile in QUANTILES]
    return [one for one in wanted if one not in bounded]


def _rate_shift(
    delay_ms: float | None, pair: Pair, rise: Tested, fall: Tested, *, comparable: bool = True
) -> RateShift:
    difference = newcombe(pair) if comparable else None
    judged = bool(pair.base_judged and pair.run_judged)
    return RateShift(
        api_delay_ms=delay_ms,
        base_failures=pair.base_failures,
        base_judged=pair.base_judged,
        run_failures=pair.run_failures,
        run_judged=pair.run_judged,
        difference=None if difference is None else difference.difference,
        difference_low=None if difference is None else difference.low,
        difference_high=None if difference is None else difference.high,
        p_value=rise.p_value,
        corrected_p_value=rise.corrected_p_value,
        verdict="not_judged"
        if not judged
        else "worse"
        if rise.shown
        else "better"
        if fall.shown
        else "no_difference_shown",
    )


def _judged(
    shifts: Sequence[RateShift], slower: Sequence[str], rise: float | None, delays: Sequence[SharedDelay]
) -> tuple[Standing, str]:
    worse = [shift for shift in shifts if shift.verdict == "worse"]
    if worse:
        places = [f"{one.api_delay_ms:g} ms" for one in worse if one.api_delay_ms is not None]
        where = f"at {', '.join(places)}" if places else "over all api-delays together"
        said = f"the failure rate rose {where}"
        return "worse", said + (f"; {', '.join(slower)} rose by more than allowed" if slower else "")
    if slower:
        return "worse", f"{', '.join(slower)} rose by more than allowed"
    if rise is None:
        return "inconclusive", "no api-delay was judged in both runs" if delays else "the runs share no api-delay"
    before = base_rate(delays)
    if rise - before > TELLS_NOTHING_ABOVE:
        return (
            "inconclusive",
            f"too few iterations: even a rise from {before:.1%} to {rise:.0%} everywhere could be missed",
        )
    return "not_worse", "no rise of the failure rate is shown"


def _whole(compared: Sequence[RunComparison]) -> tuple[Standing, str]:
    """The worst of all runs decides."""
    for standing in ("worse", "inconclusive"):
        for one in compared:
            if one.verdict == standing:
                return one.verdict, one.reason if len(compared) == 1 else f"run {one.run.run_id}: {one.reason}"
    return "not_worse", "no rise of the failure rate is shown"


def _smallest_rise(delays: Sequence[SharedDelay], alpha: float, runs: int) -> float | None:
    useful = [delay for delay in delays if delay.pair.base_judged and delay.pair.run_judged]
    if not useful:
        return None
    whole = summed(useful)
    level = alpha * (OVERALL_WEIGHT / runs if len(delays) > 1 else point_weight(1, runs))
    return smallest_rise(whole.base_judged, whole.run_judged, base_rate(useful), level)
