"""A `clickhouse-server` that is installed on this machine, as Debian's package of version 18.16: a throw-away server in a given folder."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import aiohttp

from harness.embedded.lifetime import die_with_parent
from harness.errors import ChildError

START_TIMEOUT_S = 30.0
PROGRAM = "clickhouse-server"
CONFIG = """<yandex>
  <logger><level>warning</level><log>{folder}/server.log</log><errorlog>{folder}/server.err.log</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>{http_port}</http_port>
  <tcp_port>{tcp_port}</tcp_port>
  <path>{folder}/data/</path>
  <tmp_path>{folder}/tmp/</tmp_path>
  <users_config>{folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <timezone>UTC</timezone>
  <mark_cache_size>67108864</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
</yandex>
"""
USERS = """<yandex>
  <profiles>
    <default><max_memory_usage>4000000000</max_memory_usage><log_queries>0</log_queries>{settings}</default>
    <readonly1><readonly>1</readonly>{settings}</readonly1>
    <readonly2><readonly>2</readonly>{settings}</readonly2>
  </profiles>
  <quotas><default></default></quotas>
  <users>{users}</users>
</yandex>
"""
USER = """<{name}><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
<profile>{profile}</profile><quota>default</quota></{name}>"""


class ClickHouseServer:
    """A server in `folder` with the given users, each a dict of name, password and readonly (0, 1 or 2), and settings for all of them."""

    def __init__(
        self, folder: Path, database: str, users: Sequence[dict[str, Any]], settings: Mapping[str, str] | None = None
    ) -> None:
        self._folder = folder / "clickhouse"
        self._database = database
        self._users = users
        self._settings = {} if settings is None else settings
        self.port = 0
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the server and wait until it answers. Raises ChildError where it is not installed or does not start."""
        program = shutil.which(PROGRAM)
        if program is None:
            raise ChildError(
                f"no {PROGRAM} on PATH: install the package clickhouse-server, or use --clickhouse embedded"
            )
        self._write_config()
        with (self._folder / "start.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                program,
                f"--config-file={self._folder}/config.xml",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                # A present-day server would watch over itself from a second process, which its parent's death does not reach.
                env=os.environ | {"CLICKHOUSE_WATCHDOG_ENABLE": "0"},
                # Not SIGTERM, at which it waits for its clients to go.
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        await self._wait_until_ready()

    async def stop(self) -> None:
        """End the server."""
        if self.process is None or self.process.returncode is not None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), 10)
                return

    def _write_config(self) -> None:
        for name in ("data", "tmp"):
            (self._folder / name).mkdir(parents=True)
        self.port, tcp_port = _free_ports()
        config = CONFIG.format(folder=escape(str(self._folder)), http_port=self.port, tcp_port=tcp_port)
        (self._folder / "config.xml").write_text(config)
        users = "".join(
            USER.format(
                name=user["name"],
                password=escape(user["password"]),
                profile=f"readonly{user['readonly']}" if user["readonly"] else "default",
            )
            for user in self._users
        )
        (self._folder / "users.xml").touch(mode=0o600)
        settings = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in self._settings.items())
        (self._folder / "users.xml").write_text(USERS.format(users=users, settings=settings))

    async def _wait_until_ready(self) -> None:
        assert self.process is not None
        owner = self._users[0]
        headers = {"X-ClickHouse-User": owner["name"], "X-ClickHouse-Key": owner["password"]}
        deadline = asyncio.get_running_loop().time() + START_TIMEOUT_S
        async with aiohttp.ClientSession(headers=headers) as session:
            while self.process.returncode is None and asyncio.get_running_loop().time() < deadline:
                with contextlib.suppress(aiohttp.ClientError):
                    statement = f"CREATE DATABASE IF NOT EXISTS {self._database}"
                    async with session.post(f"http://127.0.0.1:{self.port}/", data=statement) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)
        words = (self._folder / "start.log").read_text(errors="replace").strip().splitlines()[-1:]
        raise ChildError(f"{PROGRAM} did not start: {words[0] if words else 'it said nothing'}")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
