"""What is made of the outcomes: the smallest counter-example, the text, the document, the exit code."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness.check.anomalies import Anomaly, AnomalyClass, Role
from harness.check.judgement import Judgement
from harness.embedded.stack import ClickHouseEngine
from harness.errors import ExitCode, ResultsError, UsageError
from harness.explore.diagram import diagram
from harness.explore.document import ExploreReport
from harness.explore.outcome import Explored, Outcome
from harness.explore.run import Exploration, ExploreRequest
from harness.explore.schedule import compact
from harness.explore.subject import Subject
from harness.explore.terminal import print_explored
from harness.scenario import BehaviourName, FaultName

DIFFERENCE = Anomaly(AnomalyClass.STALE_SUBMIT_STATE, "submit_time_us", 1, None, "differs")
CLOBBER = Anomaly(AnomalyClass.SUBMIT_CLOBBER, "submitter", "", None, "overwritten")
CAUSE = Anomaly(AnomalyClass.VERSION_INVERSION, "header", None, None, "a cause " * 20, Role.CAUSE)
CLEAN = Judgement((), (), ())
STALE = Judgement((), (DIFFERENCE,) * 5, (CAUSE,))
WRONG = Judgement((CLOBBER,), (), ())
SUBJECT = Subject(BehaviourName.FIX3)
SERIAL, *_ = SUBJECT.schedules


def explored(special: dict[str, Judgement | None] | None = None, missing: int = 0) -> Explored:
    """All interleavings of fix3, clean but for the special ones, given as `compact` writes them."""
    left = {} if special is None else dict(special)
    outcomes = [
        Outcome(number, schedule, "n", left.pop(compact(schedule), CLEAN))
        for number, schedule in enumerate(SUBJECT.schedules, 1)
    ]
    assert not left
    outcomes = [one if one.judgement else Outcome(one.number, one.schedule, "n", None, "it hung") for one in outcomes]
    return Explored(SUBJECT.name, SUBJECT.steps, SUBJECT.expected, tuple(outcomes[missing:]), 1.25, "18.4", "26.9")


TWO_SWITCHES = "UL UC UR SL SC SR SW UW"
TWO_SWITCHES_TOO = "UL SL SC SR SW UC UR UW"
THREE_SWITCHES = "UL UC UR SL SC SR UW SW"


def test_the_smallest_has_the_fewest_switches_and_of_equal_ones_is_the_first() -> None:
    found = explored(dict.fromkeys((TWO_SWITCHES_TOO, THREE_SWITCHES, TWO_SWITCHES), STALE))
    assert found.smallest_stale is not None
    assert compact(found.smallest_stale.schedule) == TWO_SWITCHES
    assert found.smallest_postgres_wrong is None
    assert found.number(lambda outcome: outcome.stale) == 3
    assert found.number(lambda outcome: outcome.clean) == 67


def test_the_diagram_has_a_lane_for_each_call() -> None:
    assert diagram(SERIAL) == [
        "     UpdateScorecard     SubmitScorecard",
        "  1  load",
        "  2  commit",
        "  3  read",
        "  4  write",
        "  5                      load",
        "  6                      commit",
        "  7                      read",
        "  8                      write",
    ]


def printed(*found: Explored) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False, markup=False)
    print_explored(found, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_text_fits_80_columns_and_names_every_bad_interleaving_of_a_single_behaviour() -> None:
    bad = {TWO_SWITCHES: STALE, THREE_SWITCHES: STALE, TWO_SWITCHES_TOO: WRONG}
    text = printed(explored(bad))
    assert max(map(len, text.splitlines())) <= 80
    assert "fix3: 2 of 70 leave ClickHouse stale; the smallest, number 5:" in text
    assert "fix3: 1 of 70 leave PostgreSQL wrong; the smallest" in text
    assert "submit_time, submit_time, submit_time and 2 more" in " ".join(text.split())
    for schedule in bad:
        assert schedule in text
    assert TWO_SWITCHES not in printed(explored(bad), explored(bad))


def test_a_clean_behaviour_is_called_so_only_where_everything_was_played() -> None:
    clean = "no interleaving leaves ClickHouse stale or PostgreSQL wrong, of all 70"
    assert clean in printed(explored())
    assert clean not in printed(explored(missing=1))
    text = printed(explored({TWO_SWITCHES: None}))
    assert clean not in text
    assert "1 could not be played, so nothing is proved" in text
    assert f"{TWO_SWITCHES}: it hung" in " ".join(text.split())


class Silent:
    def phase(self, text: str, total: int) -> None: ...

    def advance(self) -> None: ...


def exploration(*found: Explored, expect_clean: bool = False, faults: tuple[FaultName, ...] = ()) -> Exploration:
    request = ExploreRequest(
        (BehaviourName.FIX3,), faults, None, ClickHouseEngine.EMBEDDED, expect_clean, None, "harness explore"
    )
    made = Exploration(request, Silent())
    made.explored.extend(found)
    return made


@pytest.mark.parametrize(
    ("found", "expect_clean", "code"),
    [
        (explored(), True, ExitCode.OK),
        (explored({TWO_SWITCHES: STALE}), False, ExitCode.OK),
        (explored({TWO_SWITCHES: STALE}), True, ExitCode.GATE_FAILED),
        (explored({TWO_SWITCHES: WRONG}), True, ExitCode.GATE_FAILED),
        (explored({TWO_SWITCHES: None}), False, ExitCode.UNREACHABLE),
        (explored({TWO_SWITCHES: None}), True, ExitCode.UNREACHABLE),
        (explored({TWO_SWITCHES: None, THREE_SWITCHES: STALE}), True, ExitCode.GATE_FAILED),
        (explored(missing=1), True, ExitCode.UNREACHABLE),
    ],
)
def test_the_exit_code(found: Explored, expect_clean: bool, code: ExitCode) -> None:
    assert exploration(explored(), found, expect_clean=expect_clean).exit_code is code


def test_the_document_can_be_read_back_and_holds_every_interleaving() -> None:
    report = exploration(explored({TWO_SWITCHES: STALE, TWO_SWITCHES_TOO: None})).report
    again = ExploreReport.model_validate_json(report.model_dump_json())
    assert again == report
    (behaviour,) = again.behaviours
    assert len(behaviour.interleavings) == behaviour.expected == 70
    assert (behaviour.clean, behaviour.stale, behaviour.postgres_wrong, behaviour.errors) == (68, 1, 0, 1)
    assert not behaviour.exhaustive
    example = behaviour.smallest_stale
    assert example is not None and example.diagram[1] == "  1  load"
    bad = behaviour.interleavings[example.number - 1]
    assert (bad.number, bad.stale, bad.postgres_wrong, bad.switches) == (5, True, False, 2)
    assert bad.anomalies[0].role is Role.CAUSE
    (lost,) = (one for one in behaviour.interleavings if one.error is not None)
    assert (lost.stale, lost.postgres_wrong, lost.error) == (None, None, "it hung")


def test_faults_that_exclude_each_other_are_told_before_anything_is_started() -> None:
    with pytest.raises(UsageError, match="cannot be planted together"):
        exploration(faults=(FaultName.HISTORY_OUTSIDE, FaultName.NOW_INVERSION))


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    request = ExploreRequest(
        (BehaviourName.CURE,), (), None, ClickHouseEngine.EMBEDDED, False, tmp_path / "file", "harness explore"
    )
    with pytest.raises(ResultsError, match="choose another by --out"):
        Exploration(request, Silent())._write()
