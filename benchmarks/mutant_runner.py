"""Runs tests on mutants, each in a process of its own that is forked off a warm interpreter, in a copy of the tree.

The tests run once unchanged, so that the interpreter has all that they import; then what lies in the copy is forgotten, and each fork
imports it anew, the mutated module from its code instead of its file. Nothing here uses gRPC or threads, so that forking is safe.
"""

import contextlib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import CodeType, ModuleType
from typing import NoReturn

import pytest
from hypothesis import Phase, settings

from benchmarks.mutants import Mutant

PACKAGE = "harness.check"
COPIED = ("harness", "tests/unit", "pyproject.toml")
CPU_S = 20
"""The tests take about one second: what takes this much hangs."""
WALL_S = 300
MEMORY_BYTES = 4 << 30
NEVER_RAN = 70
"""The exit code of a process that did not come as far as to run the tests: none of pytest's."""
PYTEST = (
    *("-x", "-q", "-p", "no:cacheprovider", "--timeout=0", "--hypothesis-profile=mutants"),
    # Only whether a test fails is asked, not why: so the files need not be rewritten.
    "--assert=plain",
    # pytest warns of plugins that this interpreter has imported before.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


class Fate(StrEnum):
    """What became of a mutant. All but the last are caught."""

    FAILED = "a test failed"
    BROKEN = "the tests cannot run"
    HUNG = "the tests do not end"
    CRASHED = "the interpreter crashed"
    SURVIVED = "survived"


class _Substitute(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives modules the code that stands for them."""

    def __init__(self, code: Mapping[str, CodeType]) -> None:
        self._code = code

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """Return a specification for a module that is replaced."""
        return importlib.util.spec_from_loader(name, self) if name in self._code else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the replacing code."""
        exec(self._code[module.__name__], module.__dict__)


@contextlib.contextmanager
def copied_tree(root: Path) -> Iterator[Path]:
    """Copy what the tests need into a temporary folder, work there, and import from there."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder).resolve()
        for name in COPIED:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            ignored = shutil.ignore_patterns("__pycache__")
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, ignore=ignored)
            else:
                shutil.copy(root / name, copy / name)
        with contextlib.chdir(copy):
            sys.path.insert(0, str(copy))
            sys.dont_write_bytecode = False  # What is not mutated is compiled once.
            yield copy
            sys.path.remove(str(copy))


def modules(root: Path) -> dict[str, Path]:
    """Return the files of the package's modules, by name."""
    files = sorted((root / PACKAGE.replace(".", "/")).glob("*.py"))
    return {file.stem: file for file in files if file.stem != "__init__"}


def warm_up(copy: Path, tests: Sequence[str]) -> None:
    """Run the tests unchanged, here and as a mutant's; raise where they fail, or where they do not test the copy."""
    settings.register_profile(
        "mutants",
        max_examples=30,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
    )
    code = pytest.main([*PYTEST, *tests])
    package = sys.modules[PACKAGE].__file__ or ""
    if code or not package.startswith(str(copy)):
        raise SystemExit(f"the tests fail without any mutation ({code!r}), or do not test the copy but {package}")
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(copy)):
            del sys.modules[name]
    # What lives until now lives on: a fork that does not look at it need not copy it.
    gc.freeze()
    if "grpc" in sys.modules:
        raise SystemExit("a test has imported gRPC, which cannot be forked")
    unchanged = {name: compile(file.read_text(), str(file), "exec") for name, file in modules(copy).items()}
    _, status = os.waitpid(_start({f"{PACKAGE}.{name}": code for name, code in unchanged.items()}, tests), 0)
    if _fate_of(status) is not Fate.SURVIVED:
        raise SystemExit("the tests fail in a process of their own without any mutation")


def fates(mutants: Iterable[Mutant], tests: Mapping[str, Sequence[str]], jobs: int) -> Iterator[tuple[Mutant, Fate]]:
    """Run each mutant, several at once, and yield what became of it; `tests` are those of each module, in their order."""
    running: dict[int, Mutant] = {}
    for mutant in mutants:
        if len(running) == jobs:
            yield _ended(running)
        running[_start({f"{PACKAGE}.{mutant.module}": mutant.code}, tests[mutant.module])] = mutant
    while running:
        yield _ended(running)


def _start(code: Mapping[str, CodeType], tests: Sequence[str]) -> int:
    """Fork a process that runs the tests on replaced modules; return its id."""
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        _run(code, tests)
    return process


def _run(code: Mapping[str, CodeType], tests: Sequence[str]) -> NoReturn:
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(WALL_S)
        gc.disable()
        sys.meta_path.insert(0, _Substitute(code))
        os._exit(int(pytest.main([*PYTEST, *tests])))
    finally:
        os._exit(NEVER_RAN)


def _ended(running: dict[int, Mutant]) -> tuple[Mutant, Fate]:
    process, status = os.wait()
    return running.pop(process), _fate_of(status)


def _fate_of(status: int) -> Fate:
    """Return what a process's status tells; raise for what the mutant has no part in, since that catches nothing."""
    code = os.waitstatus_to_exitcode(status)
    if code in (-signal.SIGXCPU, -signal.SIGALRM):
        return Fate.HUNG
    if code in (-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGABRT, -signal.SIGFPE, -signal.SIGILL):
        return Fate.CRASHED
    match code:
        case pytest.ExitCode.OK:
            return Fate.SURVIVED
        case pytest.ExitCode.TESTS_FAILED:
            return Fate.FAILED
        case pytest.ExitCode.INTERRUPTED | pytest.ExitCode.INTERNAL_ERROR:
            return Fate.BROKEN
    raise SystemExit(f"the tests of a mutant were not run: exit code {code}")
