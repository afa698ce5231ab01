"""The end of what is said of many scorecards, and the exit code."""

from evidence import NAME, RULES, rows, scorecard
from planted import PLANTED, WHOLE, replacing

from harness.bulk.settled import Examined
from harness.check.judgement import judged
from harness.cli.named_tally import SHOWN, NamedTally
from harness.errors import ExitCode
from harness.model import ClickHouseRows, Snapshot

LOST = Snapshot(NAME, 0, 1, WHOLE, replacing(PLANTED["lost_propagation"].copies))


def tally(*found: Examined) -> NamedTally:
    made = NamedTally()
    for one in found:
        made.add(one)
    return made


def texts(made: NamedTally) -> list[str]:
    return [line.text for line in made.lines()]


AGREES = Examined(Snapshot(NAME, 0, 1, scorecard(), rows(scorecard())), ())
DIFFERS = Examined(LOST, judged(LOST, RULES))
NOWHERE = Examined(Snapshot(NAME, 0, 1, None, ClickHouseRows()), ())
UNSETTLED = Examined(LOST, judged(LOST, RULES), settled=False)


def test_all_agree() -> None:
    made = tally(*[AGREES] * 1200)
    assert (texts(made), made.exit_code) == (["1,200 scorecards agree"], ExitCode.OK)


def test_those_that_differ_are_named_with_their_classes() -> None:
    made = tally(AGREES, DIFFERS, NOWHERE, UNSETTLED)
    first, *named = texts(made)
    assert first == "1 of 4 scorecards differs, 1 is in neither store, 1 is not settled"
    assert named[0].startswith(f"  {NAME}: lost_propagation, ")
    assert named[1:] == [f"  {NAME}: in neither store", f"  {NAME}: not settled"]
    assert made.exit_code is ExitCode.GATE_FAILED


def test_the_names_are_bounded() -> None:
    made = tally(*[DIFFERS] * (SHOWN + 1005))
    assert texts(made)[0] == f"{SHOWN + 1005:,} of {SHOWN + 1005:,} scorecards differ"
    assert (len(texts(made)), texts(made)[-1]) == (SHOWN + 2, "  and 1,005 more")


def test_what_is_nowhere_fails_and_what_is_not_settled_decides_nothing() -> None:
    assert tally(AGREES, NOWHERE).exit_code is ExitCode.GATE_FAILED
    assert tally(AGREES, UNSETTLED).exit_code is ExitCode.INCONCLUSIVE
    assert texts(tally(UNSETTLED, UNSETTLED))[0] == "0 of 2 scorecards differ, 2 are not settled"
