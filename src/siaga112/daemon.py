"""The process: configuration in, signals while it runs, an exit status out. What it runs, `service` knows."""

import asyncio
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog

from siaga112.config import load_settings
from siaga112.dispatcher import ReplacedError
from siaga112.interpreter import be_prompt
from siaga112.log import set_up
from siaga112.planfile import load_plan
from siaga112.service import Service

_log = structlog.get_logger("siaga112")

REPLACED = 3
"""The exit status when another instance has taken over: do not start us again by yourself."""


def run(config: Path) -> int:
    """Run the daemon in the foreground; SIGTERM and SIGINT drain, SIGHUP reloads what can change.

    Raises:
        Siaga112Error: the configuration, the spool or the HTTP port cannot be used.
    """
    settings = load_settings(config)
    plan = load_plan(settings.plan)
    set_up(settings.log.format, settings.log.level)
    service = Service(settings, plan, reread=partial(load_settings, config))
    be_prompt()
    status = 0
    try:
        asyncio.run(_run(service))
    except* ReplacedError as replaced:
        _log.error("replaced", error=str(_innermost(replaced)))
        status = REPLACED
    return status


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _run(service: Service) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    reactions: dict[signal.Signals, Callable[[], None]] = {
        signal.SIGTERM: stop.set,
        signal.SIGINT: stop.set,
        signal.SIGHUP: service.reload,
    }
    for number, reaction in reactions.items():
        loop.add_signal_handler(number, reaction)
    await service.run(stop)
