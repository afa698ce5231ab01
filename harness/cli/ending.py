"""How a long command ends early: Ctrl-C and SIGTERM cancel its work, whose clean-up runs."""

import asyncio
import inspect
import signal
from collections.abc import Coroutine
from typing import Any

import uvloop


def ran_to_end(work: Coroutine[Any, Any, None]) -> bool:
    """Do the work on a loop of its own; return False where Ctrl-C or SIGTERM cut it short."""

    async def cancellable() -> None:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await work

    all_of_it = cancellable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(all_of_it)
            return True
    except (KeyboardInterrupt, asyncio.CancelledError):
        return False
    finally:
        for coroutine in (all_of_it, work):
            # Where it was cut short before it began, Python would complain.
            if inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                coroutine.close()
