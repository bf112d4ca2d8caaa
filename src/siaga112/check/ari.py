"""Asks Asterisk, over plain HTTP and never as the application.

Knows which requests answer which question. What the answers mean is said in `switch`.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from siaga112.ari import items, operations, pool, wire
from siaga112.ari.errors import AriError, NotFoundError, UnauthorizedError
from siaga112.ari.ledger import Ledger
from siaga112.ari.request import Request
from siaga112.check import needs, switch
from siaga112.check.finding import Finding, fail, ok, warn
from siaga112.config import AsteriskSettings
from siaga112.planfile import PlanFile
from siaga112.routing.words import Confirmation, Prompt

_DEADLINE = 5.0
_OTHERS = ("noagent", "unavailable")
"""Prompts that the dialplan plays by itself."""

Ask = Callable[[Request], Coroutine[Any, Any, Any]]


async def look(settings: AsteriskSettings, plan: PlanFile) -> list[Finding]:
    """Ask Asterisk everything that a call depends on.

    Raises:
        Siaga112Error: the password's file cannot be read.
    """
    headers = wire.authorization(settings.user, settings.secret())
    way = pool.Pool(settings.url.rstrip("/"), Ledger(items.Unobserved(), time.monotonic, _DEADLINE))

    async def ask(request: Request) -> Any:
        return (await way.send(request)).body

    async with pool.open_session(headers) as session, asyncio.TaskGroup() as tasks:
        way.open(session, tasks)
        try:
            info = await ask(operations.asterisk.get_info())
        except AriError as error:
            return [_unreachable(error, settings)]
        answers = ok("ari", f"{settings.url} answers to {settings.user}")
        return [answers, switch.version(info), *await _everything(ask, settings, plan)]


async def _everything(ask: Ask, settings: AsteriskSettings, plan: PlanFile) -> list[Finding]:
    looks = {
        "ari": _may_write(ask, settings.user),
        "modules": _modules(ask),
        "dialplan": _dialplan(ask),
        "channelvars": _variables(ask),
        "lease": _globals(ask, plan),
        "prompts": _prompts(ask, plan.centre.language),
        "information": _information(ask, plan),
        "overflow": _overflow(ask, plan.admission.overflow),
        "phones": _phones(ask, plan),
        "agencies": _agencies(ask, plan),
        "clock": _clock(ask),
    }
    parts = [_guarded(what, part) for what, part in looks.items()]
    return [finding for part in parts for finding in await part]


async def _guarded(what: str, part: Coroutine[Any, Any, list[Finding]]) -> list[Finding]:
    """A question that Asterisk does not answer is a finding of its own, and no end of the others."""
    try:
        return await part
    except AriError as error:
        return [
            warn(what, f"could not be looked at: {error}", "see the module list above and Asterisk's log")
        ]
    except (KeyError, TypeError, ValueError) as error:
        return [
            warn(what, f"an answer was not understood: {error!r}", "is this Asterisk a very different one?")
        ]


def _unreachable(error: AriError, settings: AsteriskSettings) -> Finding:
    if isinstance(error, UnauthorizedError):
        remedy = f"asterisk.user and password must be those of [{settings.user}] in ari.conf (siaga112.conf)"
        return fail("ari", f"{settings.url} refuses {settings.user}: {error.text or error.status}", remedy)
    if isinstance(error, NotFoundError):
        return fail(
            "ari", f"nothing is at {settings.url}", "`enabled = yes` in ari.conf; asterisk.url ends in /ari"
        )
    remedy = "is Asterisk running, `enabled = yes` in http.conf, and asterisk.url its bindaddr and bindport?"
    return fail("ari", f"{settings.url} does not answer: {error.text}", remedy)


async def _may_write(ask: Ask, user: str) -> list[Finding]:
    # Nothing has this name: a user who may write is told so, one who may only read is refused before.
    try:
        await ask(operations.playbacks.stop(f"siaga112-check-{secrets.token_hex(8)}"))
    except UnauthorizedError:
        return [fail("ari", f"{user} may only read", f"`read_only = no` in ari.conf, [{user}]")]
    except NotFoundError:
        pass
    return []


async def _modules(ask: Ask) -> list[Finding]:
    return switch.modules(await ask(operations.asterisk.list_modules()))


async def _exists(ask: Ask, extension: str, context: str) -> bool:
    """Whether the dialplan has an extension: a Local channel to one that it has not is an invalid device."""
    state = await ask(operations.device_states.get(f"Local/{extension}@{context}"))
    return bool(state["state"] != "INVALID")


async def _dialplan(ask: Ask) -> list[Finding]:
    ways = (*needs.WAYS_IN, *needs.CALL_WAY, needs.SPOKEN, needs.EAR)
    return switch.dialplan({way: await _exists(ask, *way) for way in ways})


async def _variables(ask: Ask) -> list[Finding]:
    # A channel that goes nowhere; its application does not exist, so Asterisk takes it away at once.
    name = f"siaga112-check-{secrets.token_hex(8)}"
    request = operations.channels.create(endpoint="Local/s@siaga112-fallback", app=name, channel_id=name)
    finding = switch.variables(await ask(request))
    with suppress(NotFoundError):
        await ask(operations.channels.hangup(name))
    return [finding]


async def _globals(ask: Ask, plan: PlanFile) -> list[Finding]:
    async def value(name: str) -> str:
        return str((await ask(operations.asterisk.get_global_var(variable=name)))["value"])

    endpoints = [one.endpoint for one in plan.agents]
    return [
        switch.lease(await value("S112_LEASE"), plan.timings.wait_prompt),
        switch.fallback(await value("S112_FALLBACK_AGENTS"), endpoints),
    ]


async def _prompts(ask: Ask, language: str) -> list[Finding]:
    wanted = [*(one.value for one in (*Prompt, *Confirmation)), *_OTHERS]
    return [switch.prompts(await ask(operations.sounds.list(lang=language)), wanted, language)]


async def _information(ask: Ask, plan: PlanFile) -> list[Finding]:
    if not plan.information:
        return []
    listed = await ask(operations.sounds.list(lang=plan.centre.language))
    sounds = {one.key: one.sound for one in plan.information}
    gone = [one.key for one in plan.expired(time.time())]
    return switch.information(listed, sounds, gone, plan.centre.language)


async def _overflow(ask: Ask, target: str | None) -> list[Finding]:
    """Whether Asterisk knows whom to ask for help; `PJSIP/112@neighbour` is its endpoint `neighbour`."""
    if target is None or not target.startswith("PJSIP/"):
        return []
    name = target.removeprefix("PJSIP/").rpartition("@")[2].partition("/")[0]
    try:
        told = await ask(operations.endpoints.get("PJSIP", name))
    except NotFoundError:
        return [switch.overflow(target, None)]
    return [switch.overflow(target, str(told["state"]))]


async def _phones(ask: Ask, plan: PlanFile) -> list[Finding]:
    states: dict[str, str | None] = {}
    contexts: dict[str, bool] = {}
    for agent in plan.agents:
        name = agent.endpoint.removeprefix("PJSIP/")
        try:
            states[agent.endpoint] = str((await ask(operations.endpoints.get("PJSIP", name)))["state"])
        except NotFoundError:
            states[agent.endpoint] = None
            continue
        context = await _context(ask, name)
        if context and context not in contexts:
            contexts[context] = await _exists(ask, needs.FEATURE_CODE, context)
    return [*switch.phones(states), *switch.codes(contexts)]


async def _agencies(ask: Ask, plan: PlanFile) -> list[Finding]:
    found: dict[str, str] = {}
    for agency in plan.agencies:
        dialled = agency.plan().endpoint
        if dialled is not None and dialled.startswith("PJSIP/"):
            found[agency.id] = await _way_to(ask, dialled.removeprefix("PJSIP/"))
    return switch.agencies(found)


async def _way_to(ask: Ask, dialled: str) -> str:
    """What is in the way of ringing `phone` or `number@trunk`; empty: nothing."""
    _, at, name = dialled.rpartition("@")
    try:
        state = str((await ask(operations.endpoints.get("PJSIP", name)))["state"])
    except NotFoundError:
        return f"Asterisk has no PJSIP/{name}"
    if not at:
        return "" if state == "online" else f"PJSIP/{name} is not registered"
    return "" if await _setting(ask, name, "aors") else f"PJSIP/{name} has no AOR to dial out on"


async def _context(ask: Ask, endpoint: str) -> str:
    """Where a phone's calls begin in the dialplan."""
    return await _setting(ask, endpoint, "context")


async def _setting(ask: Ask, endpoint: str, name: str) -> str:
    fields = await ask(operations.asterisk.get_object("res_pjsip", "endpoint", endpoint))
    return next((str(one["value"]) for one in fields if one["attribute"] == name), "")


async def _clock(ask: Ask) -> list[Finding]:
    before = datetime.now(UTC)
    told = await ask(operations.asterisk.ping())
    halfway = before + (datetime.now(UTC) - before) / 2
    return [switch.clock("Asterisk's", datetime.fromisoformat(told["timestamp"]), halfway)]
