"""Owns the embedded stack: `python -m harness.embedded.supervisor`, a child as `harness.process` describes.

It is a process of its own so that whatever becomes of the harness, kill -9 included, the servers end and their folder is removed. Its
configuration is `{"clickhouse": "embedded" | "server", "postgres_major": 18, "service": {...} | null, "log_folder": ...}`, the last being
removed in the end with everything else. Ready, it tells the
addresses; when a part dies unasked it writes `{"died": "<what and why>"}` and takes the others down.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from harness.embedded.clickhouse_server import ClickHouseServer
from harness.embedded.lifetime import new_folder, remove
from harness.embedded.postgres import DATABASE, READER, PostgresServer, wheel_binaries
from harness.process import Child, Parent, serve

OWNER_NAME = "harness"
READER_NAME = "harness_reader"
NICENESS = 5


async def work(config: dict[str, Any], parent: Parent) -> None:
    """Start everything, tell where it is, and take it down when the parent has gone or a part has died."""
    async with contextlib.AsyncExitStack() as stack:
        os.umask(0o077)
        # A stack on the machine that fires at it must not delay the firing.
        os.nice(NICENESS)
        stack.callback(shutil.rmtree, config["log_folder"], ignore_errors=True)
        folder = new_folder()
        stack.callback(remove, folder)
        deaths: list[asyncio.Task[str]] = []
        starting = asyncio.create_task(_start(config, folder, stack, deaths))
        gone = asyncio.create_task(parent.gone())
        stack.push_async_callback(_cancel, gone)
        # A parent that goes away during the start must not be waited for.
        try:
            await asyncio.wait({starting, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Also where SIGTERM came: it must not go on starting what is being taken down.
            if not starting.done():
                await _cancel(starting)
        if starting.cancelled():
            return
        parent.say({"ready": starting.result()})
        done, _ = await asyncio.wait({gone, *deaths}, return_when=asyncio.FIRST_COMPLETED)
        for death in deaths:
            if death in done:
                parent.say({"died": death.result()})
            await _cancel(death)


async def _start(
    config: dict[str, Any], folder: Path, stack: contextlib.AsyncExitStack, deaths: "list[asyncio.Task[str]]"
) -> dict[str, str | None]:
    """Start the stores side by side, then the service; return the addresses. What was started is stopped by `stack`."""
    password, reader_password = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    postgres = PostgresServer(folder, wheel_binaries(config["postgres_major"]))
    stack.push_async_callback(postgres.stop)
    users = [
        {"name": OWNER_NAME, "password": password, "readonly": 0},
        {"name": READER_NAME, "password": reader_password, "readonly": 2},
    ]
    settings = _engine_settings(config["service"])
    async with asyncio.TaskGroup() as group:
        group.create_task(postgres.start())
        clickhouse = group.create_task(_start_clickhouse(config["clickhouse"], folder, users, settings, stack, deaths))
    port = clickhouse.result()
    assert postgres.process is not None
    deaths.append(asyncio.create_task(_death("PostgreSQL", postgres.process)))
    addresses: dict[str, str | None] = {
        "postgres_dsn": postgres.dsn(),
        "postgres_reader_dsn": postgres.dsn(READER),
        "clickhouse_url": f"http://{OWNER_NAME}:{password}@127.0.0.1:{port}/{DATABASE}",
        "clickhouse_reader_url": f"http://{READER_NAME}:{reader_password}@127.0.0.1:{port}/{DATABASE}",
        "target": None,
        "token": None,
    }
    if config["service"] is not None:
        token = secrets.token_urlsafe(24)
        places = {
            "postgres_dsn": addresses["postgres_dsn"],
            "clickhouse_url": addresses["clickhouse_url"],
            "token": token,
        }
        service = await Child.start("harness.service", config["service"] | places, folder / "service.log")
        stack.push_async_callback(service.stop)
        deaths.append(asyncio.create_task(_child_death(service)))
        addresses |= {"target": service.ready["target"], "token": token}
    return addresses


def _engine_settings(service: dict[str, Any] | None) -> dict[str, str]:
    """Return the ClickHouse settings that are to hold for every user: a planted fault may lie in them."""
    if service is None or not service["faults"]:
        return {}
    from harness.service.faults.changes import engine_settings  # noqa: PLC0415 - takes time that few stacks need to spend

    return engine_settings(service["faults"])


async def _start_clickhouse(
    engine: str,
    folder: Path,
    users: list[dict[str, Any]],
    settings: dict[str, str],
    stack: contextlib.AsyncExitStack,
    deaths: "list[asyncio.Task[str]]",
) -> int:
    """Start the engine that is asked for, with settings that hold for every user's queries; return its HTTP port."""
    if engine == "server":
        server = ClickHouseServer(folder, DATABASE, users, settings)
        stack.push_async_callback(server.stop)
        await server.start()
        assert server.process is not None
        deaths.append(asyncio.create_task(_death("clickhouse-server", server.process)))
        return server.port
    config = {"path": str(folder / "clickhouse"), "database": DATABASE, "users": users, "settings": settings}
    child = await Child.start("harness.embedded.clickhouse", config, folder / "clickhouse.log")
    stack.push_async_callback(child.stop)
    deaths.append(asyncio.create_task(_child_death(child)))
    port: int = child.ready["port"]
    return port


async def _death(what: str, process: asyncio.subprocess.Process) -> str:
    return f"{what} ended unexpectedly (exit status {await process.wait()})"


async def _child_death(child: Child) -> str:
    await child.process.wait()
    return str(child.died())


async def _cancel(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(serve(work))
