"""`harness explore` as a user runs it."""

import signal
from pathlib import Path

from commands import alive, descendants, harness, leftovers, parsed, side_by_side, stack_folders, start, until

from harness.explore.document import ExploreReport

STACK_UP = {"HARNESS_CLICKHOUSE": "http://user:secret@127.0.0.1:1/coaching"}


def test_the_cure_is_clean_and_json_is_the_report() -> None:
    before = stack_folders()
    # The address of a store, which other commands take from the environment, is none of its business.
    ended = harness("explore", "--behaviour", "cure", "--expect-clean", "--json", environment=STACK_UP)
    assert ended.code == 0, ended.err
    report = ExploreReport.model_validate(parsed(ended.out))
    assert (report.status, report.order, report.faults) == ("complete", "both", [])
    (cure,) = report.behaviours
    assert (cure.expected, cure.clean, cure.exhaustive) == (6, 6, True)
    assert report.target.postgres.startswith("18.") and report.target.clickhouse.startswith("26.")
    assert stack_folders() <= before


def test_a_counter_example_is_shown_written_and_only_a_failure_where_none_is_expected(tmp_path: Path) -> None:
    arguments = ("explore", "--behaviour", "as_found", "--order", "update_first", "--out")
    ended, unexpected = side_by_side(
        (*arguments, str(tmp_path / "a")), (*arguments, str(tmp_path / "b"), "--expect-clean")
    )
    assert ended.code == 0, ended.err
    assert max(map(len, ended.out.splitlines())) <= 80 + len(str(tmp_path / "a"))
    assert "as_found: 5 of 10 leave ClickHouse stale; the smallest, number 4:" in ended.out
    assert "UL UC SL SC SW UW" in ended.out
    (path,) = (tmp_path / "a").glob("*/explore.json")
    report = ExploreReport.model_validate_json(path.read_text())
    assert (report.status, report.behaviours[0].stale) == ("complete", 5)
    assert unexpected.code == 1


def test_a_fault_is_planted_in_the_cure() -> None:
    ended = harness("explore", "--fault", "versionless_delete", "--expect-clean")
    assert ended.code == 1, ended.err
    assert "cure: 1 of 6 leave ClickHouse stale" in ended.out


def test_ctrl_c_keeps_what_was_explored_and_marks_it_partial(tmp_path: Path) -> None:
    before = leftovers()
    running = start("explore", "--out", str(tmp_path))
    assert running.stderr is not None
    until(lambda: "exploring fix1" in running.stderr.readline(), "the second behaviour")  # type: ignore[union-attr]
    family = descendants(running.pid)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    assert "partial: 1 of 5 behaviours explored" in out
    (path,) = tmp_path.glob("*/explore.json")
    report = ExploreReport.model_validate_json(path.read_text())
    assert (report.status, [one.behaviour for one in report.behaviours]) == ("partial", ["as_found"])
    assert not alive(family)
    assert leftovers() <= before


def test_a_store_that_dies_ends_it_with_its_name() -> None:
    running = start("explore")
    assert running.stderr is not None
    until(lambda: "exploring as_found" in running.stderr.readline(), "the first behaviour")  # type: ignore[union-attr]
    (clickhouse,) = [
        pid
        for pid in descendants(running.pid)
        if b"harness.embedded.clickhouse" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    signal.pidfd_send_signal(__import__("os").pidfd_open(clickhouse), signal.SIGKILL)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 3
    assert "Traceback" not in err
    assert "the embedded stack broke down: harness.embedded.clickhouse ended unexpectedly" in err
