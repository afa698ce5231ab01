"""The ClickHouse process: `python -m harness.embedded.clickhouse`, a child as `harness.process` describes.

Its configuration is `{"path": ..., "database": ..., "users": [{"name", "password", "readonly"}, ...]}`, and
optionally `"settings": {name: value}` for all of them; ready, it tells its port.
"""

import asyncio
import signal
import sys
from typing import Any

import uvloop
from aiohttp import web

from harness.embedded import NOT_INSTALLED
from harness.embedded.clickhouse.request import parse_query
from harness.embedded.clickhouse.users import User, Users
from harness.errors import ChildError
from harness.process import Parent, serve


async def work(config: dict[str, Any], parent: Parent) -> None:
    """Serve until the parent is gone, then let running queries end."""
    try:
        from harness.embedded.clickhouse.endpoint import Endpoint  # noqa: PLC0415 - an optional dependency
        from harness.embedded.clickhouse.engine import Engine  # noqa: PLC0415
    except ModuleNotFoundError:
        raise ChildError(NOT_INSTALLED) from None
    engine = Engine(config["path"], config.get("settings"))
    runner: web.AppRunner | None = None
    try:
        await engine.run(parse_query({"query": f"CREATE DATABASE IF NOT EXISTS {config['database']}"}, {}, b""), 0)
        version = (await engine.run(parse_query({"query": "SELECT version()"}, {}, b""), 0)).data.decode().strip()
        runner = Endpoint(engine, Users([User(**user) for user in config["users"]]), version).runner()
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        parent.say({"ready": {"port": runner.addresses[0][1], "version": version}})
        await parent.gone()
    finally:
        # Not to be hurried by a second signal: leaving while a query runs crashes the process.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
        await _close(runner, engine)


async def _close(runner: web.AppRunner | None, engine: Any) -> None:
    """Take no more requests, let those that run be answered, and close the engine."""
    if runner is not None:
        await runner.cleanup()
    await engine.drain()


if __name__ == "__main__":
    uvloop.run(serve(work))
    # The engine's own threads have nothing left to do; anything else they might try at exit is not worth waiting for.
    sys.stderr.flush()
