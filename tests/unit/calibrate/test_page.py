"""The calibration as a page."""

from datetime import UTC, datetime

from harness.calibrate.document import Bound, Calibration, CurvePoint, Detection, ExperimentResult
from harness.calibrate.markdown import page
from harness.report.document import Machine, TargetVersions

DETECTION = Detection(
    iterations=100,
    errors=0,
    affected=50,
    detected=50,
    right_verdict=49,
    right_cause=48,
    falsely_accused=0,
    classes={"version_tie": 48, "none": 2},
)


def result(name: str, kind: str, *, met: bool = True, curve: tuple[CurvePoint, ...] = ()) -> ExperimentResult:
    return ExperimentResult.model_validate(
        {
            "name": name,
            "kind": kind,
            "behaviour": "cure",
            "faults": [],
            "api_delays_ms": [0.0],
            "order": "random",
            "expected_verdict": "diverged",
            "expected_cause": "version_tie",
            "detection": DETECTION,
            "curve": curve,
            "bounds": [Bound(what="something holds", measured="50 of 50", met=met)],
            "seconds": 1.0,
        }
    )


def calibration(*results: ExperimentResult) -> Calibration:
    return Calibration(
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        finished_at=None,
        status="complete",
        harness_version="1",
        command="harness calibrate",
        quick=False,
        seed=1,
        target=TargetVersions(service="s", postgres="18", clickhouse="26"),
        machine=Machine(platform="p", python="3", cpus=2, memory_mb=1, load_average_1m=0),
        experiments=list(results),
    )


def test_the_page_has_every_figure_and_says_whether_all_is_met() -> None:
    curve = (
        CurvePoint(
            api_delay_ms=5,
            judged=100,
            failures=20,
            failure_rate=0.2,
            failure_rate_low=0.13,
            failure_rate_high=0.29,
            postgres_wrong=3,
            errors=0,
        ),
    )
    text = page(
        calibration(
            result("second_version", "fault"), result("clean", "control"), result("fix3", "behaviour", curve=curve)
        )
    )
    assert "**Every bound is met.**" in text
    assert "| `second_version` | 0 ms, random | 100 | 50 | 50 (100.0%) | 48 (96.0%) `version_tie` | 0 |" in text
    assert "| `second_version` | 2 | 48 |" in text
    assert "| clean | 100 | 0 | 0 |" in text
    assert "| `fix3` | 20.0% (13.0%-29.0%) | 3 of 100 |" in text
    assert "| `fix3` | something holds | 50 of 50 | met |" in text


def test_a_bound_that_is_missed_is_told() -> None:
    document = calibration(result("a", "fault"), result("b", "fault", met=False))
    assert not document.met
    assert "**1 bounds are missed.**" in page(document)
    assert "| `b` | something holds | 50 of 50 | **missed** |" in page(document)
