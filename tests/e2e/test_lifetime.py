"""Whatever ends the command, what was decided is kept and nothing is left running."""

import signal
from pathlib import Path

from commands import ROOT, alive, descendants, iterations, leftovers, stack_folders, start, until

from harness.report.document import Report

LONG = ("run", "--iterations", "3000", "--api-delay", "5", "--wait", "0.3")


def test_kill_9_loses_no_decided_iteration_and_leaves_no_process(tmp_path: Path) -> None:
    before = leftovers()
    running = start(*LONG, "--out", str(tmp_path))
    until(lambda: any(len(p.read_text().splitlines()) >= 20 for p in tmp_path.glob("*/iterations.jsonl")), "a verdict")
    family = descendants(running.pid)
    # The firing process, the supervisor, and below it PostgreSQL with its workers, ClickHouse and the service.
    assert len(family) >= 5
    running.send_signal(signal.SIGKILL)
    running.communicate()
    decided = iterations(tmp_path)
    assert len(decided) >= 20
    until(lambda: not alive(family), "the end of every process", 20)
    until(lambda: leftovers() <= before, "the removal of the stack's folder", 20)
    report = Report.model_validate_json(next(tmp_path.glob("*/report.json")).read_text())
    assert report.status == "partial"


def test_ctrl_c_writes_what_was_measured_and_marks_it_partial(tmp_path: Path) -> None:
    before = leftovers()
    running = start(*LONG, "--out", str(tmp_path))
    until(lambda: any(len(p.read_text().splitlines()) >= 20 for p in tmp_path.glob("*/iterations.jsonl")), "a verdict")
    family = descendants(running.pid)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    assert "partial" in out
    report = Report.model_validate_json(next(tmp_path.glob("*/report.json")).read_text())
    assert report.status == "partial"
    assert report.points[0].iterations == len(iterations(tmp_path)) >= 20
    assert not alive(family)
    assert leftovers() <= before


def test_ctrl_c_while_the_stack_starts(tmp_path: Path) -> None:
    before = leftovers()
    running = start(*LONG, "--out", str(tmp_path))
    until(lambda: stack_folders() - before, "the stack's folder")
    family = descendants(running.pid)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    until(lambda: not alive(family), "the end of every process", 20)
    until(lambda: leftovers() <= before, "the removal of the stack's folder", 20)


def test_stack_up_prints_what_a_shell_needs_and_ends_on_ctrl_c() -> None:
    before = leftovers()
    running = start("stack", "up")
    assert running.stdout is not None
    lines = [running.stdout.readline().strip() for _ in range(4)]
    names = ["HARNESS_TARGET", "HARNESS_TOKEN", "HARNESS_PG", "HARNESS_CLICKHOUSE"]
    assert [line.removeprefix("export ").partition("=")[0] for line in lines] == names
    family = descendants(running.pid)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 0, err
    assert not alive(family)
    assert leftovers() <= before
    assert ROOT.exists()


def test_a_part_of_the_stack_that_dies_ends_the_run_with_its_name(tmp_path: Path) -> None:
    running = start(*LONG, "--out", str(tmp_path))
    until(lambda: any(len(p.read_text().splitlines()) >= 5 for p in tmp_path.glob("*/iterations.jsonl")), "a verdict")
    (service,) = [
        pid for pid in descendants(running.pid) if b"harness.service" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    signal.pidfd_send_signal(__import__("os").pidfd_open(service), signal.SIGKILL)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 3
    assert "the embedded stack broke down: harness.service ended unexpectedly" in err
