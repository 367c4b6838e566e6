"""Work that Ctrl-C ends tidily.

Invariant: processes that are started meanwhile don't hear Ctrl-C, so none of them dies with a trace on the screen; who
started them ends them.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine
from multiprocessing import resource_tracker
from typing import Any

_CTRL_C = {signal.SIGINT}


async def until_interrupted(work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work came to its end; on Ctrl-C it is cancelled, and may tidy up undisturbed. In the main thread."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    waiting = True

    def wait() -> None:
        signal.sigwait(_CTRL_C)
        if waiting:
            loop.call_soon_threadsafe(task.cancel)

    resource_tracker.ensure_running()  # Python's own; when it starts later, it takes the block away
    # Blocked here, it is blocked in every thread and process that is started from here.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _CTRL_C)
    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    try:
        await task
    except asyncio.CancelledError:
        return False
    finally:
        waiting = False
        if waiter.is_alive():
            signal.pthread_kill(waiter.ident or 0, signal.SIGINT)
        waiter.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return True
