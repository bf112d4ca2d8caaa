"""The ear beside the calls: what it says raises flags, and whatever becomes of it, calls go on."""

import sys
from pathlib import Path
from typing import Any

import pytest

from siaga112.routing.call import Call
from siaga112.routing.words import Suspicion
from tests.fakes.server import FakeAsterisk, Fault
from tests.service.conftest import Start
from tests.service.daemon import call_id, invite, talk, talks

EAR = (sys.executable, str(Path(__file__).parent.parent / "fakes" / "ear.py"))
TAP = "UnicastRTP/127.0.0.1"


def taps(fake: FakeAsterisk) -> list[str]:
    """The taps there are in Asterisk."""
    return [one.id for one in fake.model.channels.values() if one.spies]


def listened_to(call: Call) -> bool:
    """Whether the ear hears a caller."""
    return call.ear is not None and call.ear.open


async def test_a_silent_caller_is_flagged_and_seen(fake: FakeAsterisk, start: Start) -> None:
    """Tap, verdict, flag, API and metrics; and the tap ends with its caller."""
    daemon = await start(ear=(*EAR, "silent"))
    await daemon.until(lambda: daemon.service._observer.metrics.late_frames._value.get() == 0)
    caller = await invite(fake)
    await daemon.until(lambda: daemon.router.calls[call_id(caller)].suspicion is Suspicion.SILENT_SUSPECT)
    assert len(taps(fake)) == 1
    _, (call,) = await daemon.get("/api/v1/calls")
    assert (call["audio_class"], call["suspicion"]) == ("silent", "silent_suspect")
    metrics = await daemon.metrics()
    assert metrics["siaga112_audio_taps"] == 1
    assert metrics["siaga112_audio_late_frames_total"] == 3
    assert metrics["siaga112_audio_deaf"] == 0
    fake.do(lambda m: m.hangs_up(caller))
    await daemon.settled()
    (record,) = [one for one in await daemon.rows("call_record") if one["ended_at"] is not None]
    assert (record["audio_class"], record["suspicion"]) == ("silent", "silent_suspect")
    assert taps(fake) == []


async def test_an_ear_that_dies_takes_flags_with_it_and_no_call(
    fake: FakeAsterisk, start: Start, log: list[Any]
) -> None:
    """The flagged caller is one like any other again; the next one gets a new ear."""
    daemon = await start(ear=(*EAR, "silent"))
    caller = await invite(fake)
    call = call_id(caller)
    await daemon.until(lambda: daemon.router.calls[call].suspicion is Suspicion.SILENT_SUSPECT)
    fake.do(lambda m: m.presses(caller, "9"))
    await daemon.until(lambda: not listened_to(daemon.router.calls[call]))
    assert daemon.router.calls[call].suspicion is Suspicion.NONE
    await fake.until(lambda: not taps(fake))
    (told,) = [one["reason"] for one in log if one["event"] == "ear_trouble"]
    assert told.startswith("its process")
    await daemon.until(lambda: daemon.service._observer.deaf is None)
    other = await invite(fake, "0813")
    await daemon.until(lambda: daemon.router.calls[call_id(other)].suspicion is Suspicion.SILENT_SUSPECT)
    assert daemon.router.calls[call].waits


async def test_a_detector_that_cannot_be_loaded_costs_only_the_flags(
    fake: FakeAsterisk, start: Start, log: list[Any]
) -> None:
    """The metric is up, the log and /readyz say so, and calls are served."""
    daemon = await start(ear=(*EAR, "deaf"))
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    await daemon.until(lambda: daemon.service._observer.deaf is not None)
    assert daemon.router.calls[call_id(caller)].suspicion is Suspicion.NONE
    assert (await daemon.metrics())["siaga112_audio_deaf"] == 1
    assert [one["reason"] for one in log if one["event"] == "ear_trouble"] == ["the model is not there"]
    status, body = await daemon.get("/readyz")
    assert status == 200
    assert any("ear: the model is not there" in one for one in body["degraded"])


@pytest.mark.parametrize("command", [("/nowhere/ear",), (sys.executable, "-c", "raise SystemExit(1)")])
async def test_an_ear_that_cannot_be_started_costs_only_the_flags(
    fake: FakeAsterisk, start: Start, command: tuple[str, ...]
) -> None:
    """Calls are served, and it is tried again."""
    daemon = await start(ear=command)
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    await daemon.until(lambda: daemon.service._observer.deaf is not None)
    assert talks(fake, caller)
    assert (await daemon.metrics())["siaga112_audio_deaf"] == 1


async def test_an_asterisk_that_makes_no_taps_costs_only_the_flags(fake: FakeAsterisk, start: Start) -> None:
    """Without chan_rtp the request fails: the call goes on."""
    daemon = await start(ear=(*EAR, "silent"))
    fake.faults["GET channels variable"] = Fault(404)
    fake.faults["GET channels"] = Fault(404)
    caller = await invite(fake)
    await daemon.until(lambda: not listened_to(daemon.router.calls[call_id(caller)]))
    assert daemon.router.calls[call_id(caller)].suspicion is Suspicion.NONE
    assert daemon.router.calls[call_id(caller)].waits


async def test_nobody_is_listened_to_where_the_plan_says_so(fake: FakeAsterisk, start: Start) -> None:
    """`listening.enabled = false`: no process, no tap."""
    daemon = await start()
    await daemon.on_duty("101")
    await talk(fake)
    assert not [one for one in fake.asked if one.request.query.get("endpoint", "").startswith(TAP)]
