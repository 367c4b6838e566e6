"""How much memory a service needs, and which channel libraries it loads, by the channels that are set up.

Each service is a process of its own with its real settings, on an empty SQLite database, told to serve and let be for
a moment; its gateways can't be reached. Told is the resident memory of that process (Linux), without the card reader's
processes, which are not started before the first photo.

Run: python -m bench.memory
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import uvicorn

from bot import logs, settings
from bot.app import running
from bot.serving import spare_the_collector
from tests.ports import free_ports

LIBRARIES = ("aiogram", "telegram", "pywa")
NOWHERE = "http://127.0.0.1:9"
INVENTED = "a-secret-of-the-bench"
MOMENT_S = 2.0
CHANNELS = {
    "telegram": {"URL": NOWHERE, "TOKEN": "42:invented"},
    "whatsapp": {
        "URL": NOWHERE,
        "TOKEN": INVENTED,
        "SECRET": INVENTED,
        "HANDSHAKE": INVENTED,
        "NUMBER": "106540352242922",
    },
}
SET_UPS: dict[str, tuple[str, ...]] = {
    "web only": (), "Telegram": ("telegram",), "WhatsApp": ("whatsapp",), "both": ("telegram", "whatsapp")
}  # fmt: skip


async def weigh() -> tuple[float, list[str]]:
    """Serve as the settings tell; megabytes, and the libraries that were loaded."""
    given = settings.load()
    logs.set_up("error")
    async with running(given) as service:
        server = uvicorn.Server(uvicorn.Config(service.app(), port=given.web.port, log_config=None, lifespan="off"))
        spare_the_collector()
        serving = asyncio.create_task(server.serve())
        await asyncio.sleep(MOMENT_S)
        found = resident_mb(), [library for library in LIBRARIES if library in sys.modules]
        server.should_exit = True
        await serving
        return found


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


def main() -> None:
    asked = argparse.ArgumentParser(description="Memory and channel libraries by what is set up.")
    asked.add_argument("--weigh", action="store_true", help=argparse.SUPPRESS)
    if asked.parse_args().weigh:
        print(json.dumps(asyncio.run(weigh())))
        return
    print(f"{'channels':<10} {'resident':>10}   loaded")
    for name, channels in SET_UPS.items():
        megabytes, loaded = _in_process(channels)
        print(f"{name:<10} {megabytes:>7.0f} MB   {', '.join(loaded) or 'none of ' + ', '.join(LIBRARIES)}")


def _in_process(channels: tuple[str, ...]) -> tuple[float, list[str]]:
    with tempfile.TemporaryDirectory(prefix="siaga-bench-") as folder:
        command = [sys.executable, "-m", "bench.memory", "--weigh"]
        environment = _environment(Path(folder), channels)
        told = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE).stdout
    megabytes, loaded = json.loads(told)
    return megabytes, loaded


def _environment(folder: Path, channels: tuple[str, ...]) -> dict[str, str]:
    """What an operator would set."""
    (port,) = free_ports(1)
    given = {
        f"SIAGA_CHANNELS__{channel.upper()}__{name}": value
        for channel in channels
        for name, value in CHANNELS[channel].items()
    }
    return {
        **os.environ,
        "SIAGA_DATABASE__URL": f"sqlite+aiosqlite:///{folder / 'bench.db'}",
        "SIAGA_SECRET__FILE": str(folder / "secret.key"),
        "SIAGA_BPJS__SECRET": INVENTED,
        "SIAGA_WEB__PORT": str(port),
        "SIAGA_WEB__PUBLIC_URL": f"http://127.0.0.1:{port}",
        **given,
    }


if __name__ == "__main__":
    main()
