"""What Asterisk's answers mean for a call: pure functions from decoded JSON to findings.

Knows what ARI's bodies look like. Does not know how they were asked for.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from siaga112.check import needs
from siaga112.check.finding import Finding, fail, ok, shorten, warn

CONF = "copy extensions.conf and siaga112.conf from asterisk-conf, then `asterisk -rx 'dialplan reload'`"


def version(info: Mapping[str, Any]) -> Finding:
    """Look at the version, as Asterisk writes it: 22.10.1, 22.10.1+dfsg, GIT-22-abc."""
    written = str(info.get("system", {}).get("version", ""))
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", written)
    if found is None:
        return warn(
            "asterisk", f"version {written or 'unknown'}", "22.10.1 or later is what this was made with"
        )
    number = tuple(int(part) for part in found.groups())
    if number < needs.OLDEST:
        return fail("asterisk", f"version {written}", "install Asterisk 22.10.1 or later")
    if number < needs.ADVISED:
        says = f"version {written}: calls are served by the plain ways (HTTP, Stasis)"
        return warn(
            "asterisk", says, "22.10.1 or later finds a frozen daemon at once and closes a security gap"
        )
    return ok("asterisk", f"version {written}")


def modules(listed: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Look for the modules that a call needs, and for those that it is poorer without."""
    running = {str(one["name"]).removesuffix(".so") for one in listed if one.get("status") == "Running"}
    found = [
        judge("modules", f"{name} is not running: {without}", _load(name))
        for wanted, judge in ((needs.REQUIRED, fail), (needs.WANTED, warn))
        for name, without in wanted.items()
        if name not in running
    ]
    return found or [ok("modules", f"all {len(needs.REQUIRED) + len(needs.WANTED)} that we use are running")]


def _load(name: str) -> str:
    return f"`load = {name}.so` in modules.conf, then `asterisk -rx 'module load {name}.so'`"


def dialplan(exists: Mapping[tuple[str, str], bool]) -> list[Finding]:
    """Look at the way of a call: in, to the daemon, and out by the fallback."""
    ways_in = [context for extension, context in needs.WAYS_IN if exists[extension, context]]
    needed = (*needs.CALL_WAY, needs.SPOKEN)
    missing = [f"{extension}@{context}" for extension, context in needed if not exists[extension, context]]
    if not ways_in:
        missing.insert(0, "112@from-trunk")
    if missing:
        return [fail("dialplan", f"no {shorten(missing)}", CONF)]
    way = ok("dialplan", f"{ways_in[-1]} leads to siaga112, and siaga112-fallback is there")
    if exists[needs.EAR]:
        return [way]
    return [way, warn("dialplan", "no s@siaga112-ear: silent callers are not told from others", CONF)]


def variables(channel: Mapping[str, Any]) -> Finding:
    """Look whether channels in events carry what the dialplan found out about the caller."""
    missing = [one for one in needs.CHANNEL_VARIABLES if one not in channel.get("channelvars", {})]
    if missing:
        every = ",".join(needs.CHANNEL_VARIABLES)
        remedy = (
            f"`channelvars = {every}` in ari.conf, [general], then `asterisk -rx 'module reload res_ari.so'`"
        )
        return warn("channelvars", f"{', '.join(missing)} will be missing in the records", remedy)
    return ok("channelvars", "events carry what the dialplan knows of a caller")


def lease(value: str, wait_prompt: float) -> Finding:
    """Look whether the lease outlives the time between two words to a waiting caller."""
    try:
        seconds = float(value)
    except ValueError:
        return fail("lease", f"S112_LEASE is {value!r}, no number of seconds", CONF)
    if seconds < wait_prompt + needs.LEASE_SLACK:
        says = f"S112_LEASE is {seconds:g} s, the plan speaks to callers every {wait_prompt:g} s"
        return fail(
            "lease", says, "make S112_LEASE in siaga112.conf longer: callers would be taken from the daemon"
        )
    return ok("lease", f"{seconds:g} s: a daemon that died keeps a caller no longer")


def fallback(agents: str, endpoints: Collection[str]) -> Finding:
    """Look whether the fallback rings everybody who is in the plan."""
    rung = {one for one in agents.split("-") if one}
    missing = sorted({one.removeprefix("PJSIP/") for one in endpoints} - rung)
    if missing:
        remedy = "add to S112_FALLBACK_AGENTS in siaga112.conf, then `asterisk -rx 'dialplan reload'`"
        return warn("fallback", f"without the daemon these phones do not ring: {shorten(missing)}", remedy)
    return ok("fallback", "rings every phone of the plan when the daemon is away")


def _spoken(listed: Sequence[Mapping[str, Any]], language: str) -> set[str]:
    """The sounds of ours that are there in a language."""
    return {
        str(sound["id"]).removeprefix("siaga112/")
        for sound in listed
        if any(form.get("language") == language for form in sound.get("formats", ()))
    }


def information(
    listed: Sequence[Mapping[str, Any]], sounds: Mapping[str, str], expired: Sequence[str], language: str
) -> list[Finding]:
    """Look at the recorded information: key to sound, and the keys of what has expired."""
    there = _spoken(listed, language)
    missing = sorted(sound for sound in sounds.values() if sound not in there)
    found = []
    if missing:
        says = f"not there in {language!r}: {shorten(missing)}; their callers hear nothing and then wait"
        remedy = f"put the files into sounds/{language}/siaga112, then `asterisk -rx 'core reload'`"
        found.append(warn("information", says, remedy))
    if expired:
        says = f"expired under key {', '.join(expired)}: the key leads to a person"
        found.append(warn("information", says, "take it out of the plan, or give it a new date and text"))
    return found or [ok("information", f"all {len(sounds)} messages are there and valid")]


def overflow(target: str, state: str | None) -> Finding:
    """Look at who helps out when nobody here answers: None is one that Asterisk does not have."""
    if state is None:
        remedy = "mend admission.overflow in the plan, or add the endpoint to pjsip.conf"
        return warn("overflow", f"Asterisk has no endpoint for {target}: nobody would help out", remedy)
    if state != "online":
        remedy = "`asterisk -rx 'pjsip show contacts'`; give its aor a `qualify_frequency` to know"
        return warn("overflow", f"{target} is {state}", remedy)
    return ok("overflow", f"{target} can be reached")


def prompts(listed: Sequence[Mapping[str, Any]], wanted: Collection[str], language: str) -> Finding:
    """Look for the files that callers and call-takers hear."""
    missing = sorted(set(wanted) - _spoken(listed, language))
    if missing:
        remedy = (
            f"copy asterisk-conf/sounds/{language} to Asterisk's sounds, then `asterisk -rx 'core reload'`"
        )
        return warn("prompts", f"not there in {language!r}: {shorten(missing)}", remedy)
    return ok("prompts", f"all {len(set(wanted))} are there in {language!r}")


def phones(states: Mapping[str, str | None]) -> list[Finding]:
    """Look at the plan's endpoints: None is one that Asterisk does not have."""
    if not states:
        return [fail("phones", "the plan has no agents: nobody would be rung", "[[agents]] in the plan")]
    unknown = sorted(name for name, state in states.items() if state is None)
    online = [name for name, state in states.items() if state == "online"]
    found = []
    if unknown:
        judge = fail if len(unknown) == len(states) else warn
        remedy = "mend the plan, or pjsip_agents.conf and `asterisk -rx 'module reload res_pjsip.so'`"
        found.append(judge("phones", f"Asterisk has no {shorten(unknown)}", remedy))
    if not online and len(unknown) < len(states):
        says = f"none of {len(states) - len(unknown)} is registered: nobody would be rung"
        found.append(
            fail("phones", says, "start the softphones; `asterisk -rx 'pjsip show contacts'` shows them")
        )
    elif online:
        found.append(ok("phones", f"{len(online)} of {len(states)} registered"))
    return found


def agencies(in_the_way: Mapping[str, str]) -> list[Finding]:
    """Look at those who may be asked into a talk: agency to what is in the way of ringing it, if anything."""
    blocked = [f"{agency} ({why})" for agency, why in in_the_way.items() if why]
    if blocked:
        remedy = "mend [[agencies]] in the plan, or that endpoint in pjsip_agents.conf"
        return [warn("agencies", f"cannot be rung now: {shorten(blocked)}", remedy)]
    return [ok("agencies", f"all {len(in_the_way)} can be rung")] if in_the_way else []


def codes(contexts: Mapping[str, bool]) -> list[Finding]:
    """Look whether a phone that dials a feature code reaches us, by the context it dials in."""
    return [
        warn(
            "codes",
            f"phones in context {context} cannot dial {needs.FEATURE_CODE}: nobody can get ready there",
            f"`include => from-agents` in [{context}], then `asterisk -rx 'dialplan reload'`",
        )
        for context, there in sorted(contexts.items())
        if not there
    ]


def clock(whose: str, theirs: datetime, ours: datetime) -> Finding:
    """Compare a clock with ours."""
    apart = (theirs - ours).total_seconds()
    if abs(apart) > needs.CLOCK_SLACK:
        says = f"{whose} is {abs(apart):.1f} s {'ahead' if apart > 0 else 'behind'}"
        return warn("clock", says, "let chrony or systemd-timesyncd set the clock on both machines")
    return ok("clock", f"{whose} agrees within {needs.CLOCK_SLACK:g} s")
