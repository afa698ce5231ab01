"""What holds for all tests."""

import sys
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def bytecode() -> Iterator[None]:
    """Let the processes that tests start find their modules compiled, also where none may be written beside the sources.

    Hundreds are started, and compiling the harness anew is a fifth of what one takes to start.
    """
    if not sys.dont_write_bytecode:
        yield
        return
    with (
        tempfile.TemporaryDirectory(prefix="harness-bytecode-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", folder)
        yield
