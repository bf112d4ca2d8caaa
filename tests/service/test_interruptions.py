"""The way to Asterisk breaks and comes back: what happened meanwhile is found out, no call is lost."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from siaga112.lookout import Rounds
from tests.fakes.asterisk import AsteriskModel
from tests.fakes.server import FakeAsterisk, Fault
from tests.service.conftest import Start
from tests.service.daemon import (
    NUMBER,
    QUICK,
    Daemon,
    in_fallback,
    invite,
    over,
    ring,
    rung,
    talk,
    talks,
)


async def back(daemon: Daemon) -> None:
    """Wait until the daemon has noticed the break and is in step again."""
    await daemon.until(lambda: not daemon.router.connected)
    await daemon.until(lambda: daemon.router.connected)


async def test_a_claim_whose_answer_was_lost(fake: FakeAsterisk, start: Start) -> None:
    """The socket breaks between a claim and StasisStart: the caller is in our hands, and is answered."""
    daemon = await start()
    fake.faults["POST events"] = Fault(None)
    caller = fake.do(lambda m: m.invite(NUMBER))
    await fake.until(lambda: fake.names() == ["POST events"])
    fake.cut()
    fake.do(lambda m: m.ask(fake.asked[-1].request))
    await fake.until(lambda: fake.model.channels[caller].state == "Up")
    await daemon.until(lambda: daemon.router.connected)


async def test_a_claim_that_never_arrived(fake: FakeAsterisk, start: Start) -> None:
    """The socket breaks before the claim gets there: the dialplan goes on, and our record is closed."""
    daemon = await start()
    fake.faults["POST events"] = Fault(None)
    caller = fake.do(lambda m: m.invite(NUMBER))
    await fake.until(lambda: fake.names() == ["POST events"])
    fake.cut()
    fake.do(lambda m: m.claim_times_out(caller))
    await back(daemon)
    daemon.skip(3.1)
    await daemon.settled()
    (record,) = await daemon.rows("call_record")
    assert (record["served_by"], record["outcome"]) == ("fallback", "failed_technical")
    assert in_fallback(fake, caller)


async def test_a_waiting_caller_is_spoken_to_again(fake: FakeAsterisk, start: Start) -> None:
    """Whatever the caller heard may have been lost: a word and a new lease, at once."""
    daemon = await start()
    caller = await invite(fake)
    await daemon.quiet()
    asked = len(fake.names())
    fake.cut()
    await fake.until(lambda: len(fake.model.channels[caller].heard) == 2)
    assert fake.names()[asked:] == ["DELETE playbacks", "POST channels variable", "POST channels play"]


async def test_a_waiting_caller_left_meanwhile(fake: FakeAsterisk, start: Start) -> None:
    """A hang-up that nobody heard of closes the record."""
    daemon = await start()
    caller = await invite(fake)
    fake.cut()
    fake.do(lambda m: m.hangs_up(caller))
    await daemon.settled()
    (record,) = await daemon.rows("call_record")
    assert (record["outcome"], record["ended_by"]) == ("short_abandon", "caller")


Meanwhile = Callable[[AsteriskModel, str, str], None]
After = Callable[[FakeAsterisk, str, str], Awaitable[None]]


async def _they_talk(fake: FakeAsterisk, caller: str, _: str) -> None:
    await fake.until(lambda: talks(fake, caller))


async def _picked_up_later(fake: FakeAsterisk, caller: str, phone: str) -> None:
    await fake.until(lambda: len(fake.model.channels[caller].heard) > 1)  # We are in step again.
    fake.do(lambda m: m.picks_up(phone))
    await fake.until(lambda: talks(fake, caller))


async def _another_rings(fake: FakeAsterisk, caller: str, phone: str) -> None:
    await fake.until(lambda: rung(fake))
    assert rung(fake)[0].id != phone
    assert fake.model.channels[caller].place == "app"


async def _all_is_over(fake: FakeAsterisk, caller: str, phone: str) -> None:
    await over(fake)
    _ = caller, phone


WHILE_RINGING: dict[str, tuple[Meanwhile, After]] = {
    "nothing": (lambda _, __, ___: None, _picked_up_later),
    "the phone is answered": (lambda m, _, phone: m.picks_up(phone), _they_talk),
    "the phone refuses": (lambda m, _, phone: m.hangs_up(phone, 17), _another_rings),
    "the caller hangs up": (lambda m, caller, _: m.hangs_up(caller), _all_is_over),
}


@pytest.mark.parametrize("what", WHILE_RINGING)
async def test_a_phone_rings_while_the_socket_is_down(fake: FakeAsterisk, start: Start, what: str) -> None:
    """Ringing outlives a break: what the phone or the caller did meanwhile takes effect after it."""
    daemon = await start()
    await daemon.on_duty("101", "102")
    caller, phone = await ring(fake)
    await daemon.quiet()
    meanwhile, after = WHILE_RINGING[what]
    fake.cut()
    fake.do(lambda m: meanwhile(m, caller, phone))
    await after(fake, caller, phone)


async def test_a_talk_does_not_notice(fake: FakeAsterisk, start: Start) -> None:
    """Two who talk are left alone: nothing is asked of Asterisk about them."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    await daemon.quiet()
    asked = fake.names()
    fake.cut()
    await back(daemon)
    assert talks(fake, caller)
    assert fake.names() == asked


@pytest.mark.parametrize(("who", "by"), [(0, "caller"), (1, "agent")])
async def test_one_of_two_left_meanwhile(fake: FakeAsterisk, start: Start, who: int, by: str) -> None:
    """One of two hangs up while the socket is down: the other is released, and the record says who it was."""
    daemon = await start()
    await daemon.on_duty("101")
    pair = await talk(fake)
    await daemon.quiet()
    fake.cut()
    fake.do(lambda m: m.hangs_up(pair[who]))
    await over(fake)
    await daemon.settled()
    (record,) = await daemon.rows("call_record")
    assert (record["outcome"], record["ended_by"]) == ("answered", by)


async def test_a_hang_up_that_was_lost_is_said_again(fake: FakeAsterisk, start: Start) -> None:
    """The socket breaks with our hang-up on the way: clearing goes on after it until nothing is left."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    fake.faults["DELETE channels"] = Fault(None, times=1)
    fake.do(lambda m: m.hangs_up(caller))
    await fake.until(lambda: fake.faults["DELETE channels"].times == 0)
    fake.cut()
    await over(fake)
    await daemon.settled()


async def test_asterisk_starts_anew(fake: FakeAsterisk, start: Start) -> None:
    """Every channel is gone after Asterisk itself died: every record is closed, every agent free again."""
    daemon = await start()
    await daemon.on_duty("101")
    await talk(fake)
    await invite(fake, "0813")
    fake.cut()
    fake.model.channels.clear()
    fake.model.bridges.clear()
    fake.model.playbacks.clear()
    await daemon.settled()
    await daemon.until(lambda: daemon.router.staff.free.first() == "101")
    assert [one["ended_at"] is None for one in await daemon.rows("call_record")] == [False, False]


async def test_a_frozen_asterisk_is_noticed(fake: FakeAsterisk, start: Start) -> None:
    """Asterisk stops answering: noticed by heartbeat, told by readyz; nothing is decided meanwhile."""
    daemon = await start(pace=QUICK)
    await daemon.on_duty("101", "102")
    caller, phone = await ring(fake)
    await daemon.quiet()
    fake.freeze()
    await daemon.until(lambda: not daemon.router.connected)
    status, body = await daemon.get("/readyz")
    assert status == 503
    assert body["missing"][0].startswith("asterisk: ")
    daemon.skip(8.1)
    assert (await daemon.get("/healthz"))[0] == 200, "the daemon itself is well"
    fake.thaw()
    await fake.until(lambda: phone not in fake.model.channels and rung(fake))
    assert (await daemon.get("/readyz"))[0] == 200
    assert fake.model.channels[caller].place == "app"


async def test_a_break_that_lasts_is_no_busy_loop(fake: FakeAsterisk, start: Start) -> None:
    """While Asterisk is away the daemon knocks with growing pauses and asks nothing else."""
    daemon = await start(pace=QUICK)
    fake.freeze()
    await daemon.until(lambda: not daemon.router.connected)
    knocks = fake.knocks
    await daemon.until(lambda: (daemon.service._observer.trouble or "").startswith("while connecting"))
    assert fake.knocks - knocks <= 3


@pytest.mark.parametrize(
    "answer",
    [Fault(500, times=1), Fault(200, body=[{"id": 5}], times=1), Fault(200, body=None, times=1)],
    ids=["refused", "odd", "empty"],
)
async def test_a_look_around_that_fails_is_repeated(
    fake: FakeAsterisk, start: Start, answer: Fault, log: list[Any]
) -> None:
    """Lists that Asterisk refuses or that make no sense end nothing: not ready, and asked again."""
    fake.faults["GET bridges"] = answer
    daemon = await start(synced=False)
    await fake.until(lambda: "GET bridges" in [one.name for one in fake.asked])
    await daemon.until(lambda: daemon.service._observer.trouble is None)
    status, body = await daemon.get("/readyz")
    assert (status, body["missing"]) == (503, ["asterisk: connected, not yet in step with its calls"])
    await daemon.synced()
    assert (await daemon.get("/readyz"))[0] == 200
    assert [one["event"] for one in log].count("look_failed") == 1


async def test_nothing_of_a_list_reaches_the_log(fake: FakeAsterisk, start: Start, log: list[Any]) -> None:
    """A list that makes no sense is told by the member at fault; callers' numbers stand in the rest of it."""
    channels = [{"id": "1", "caller": {"number": NUMBER}}]
    fake.faults["GET channels"] = Fault(200, body=channels, times=1)
    await start()
    (told,) = [one["error"] for one in log if one["event"] == "look_failed"]
    assert told.startswith("Channel: ")
    assert NUMBER not in str(log)


async def test_a_phone_that_vanishes_is_out_within_one_round(fake: FakeAsterisk, start: Start) -> None:
    """Between calls the phones are looked at again and again: who cannot be rung is not chosen."""
    daemon = await start(rounds=Rounds(phones=0.02))
    await daemon.on_duty("101", "102")
    fake.model.phones["PJSIP/101"] = "offline"
    await daemon.until(lambda: daemon.router.staff.free.first() == "102")
    await ring(fake)
    assert rung(fake)[0].name.startswith("PJSIP/102")
    fake.model.phones["PJSIP/101"] = "online"
    await daemon.until(lambda: daemon.router.staff.free.first() == "101")


async def test_routine_looks_leave_calls_alone(fake: FakeAsterisk, start: Start) -> None:
    """Looks that come at every moment of a call change nothing about it, and mend nothing."""
    daemon = await start(rounds=Rounds(phones=0.001, whole=1))
    await daemon.on_duty("101")
    for n in range(5):
        caller, _ = await talk(fake, f"081{n}")
        fake.do(lambda m, who=caller: m.hangs_up(who))  # type: ignore[misc]
        await over(fake)
        await daemon.settled()
    assert {one["outcome"] for one in await daemon.rows("call_record")} == {"answered"}
    assert (await daemon.metrics())["siaga112_mended_total"] == 0
    assert [one.name for one in fake.asked].count("GET bridges") > 5


async def test_a_hang_up_that_was_never_told_is_found(fake: FakeAsterisk, start: Start) -> None:
    """An event that is lost although the socket stands ends no call-taker's day: a routine look mends it."""
    daemon = await start(rounds=Rounds(phones=0.02, whole=1))
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    await daemon.quiet()
    fake.model.hangs_up(caller)
    fake.model.events.clear()
    await over(fake)
    await daemon.settled()
    assert (await daemon.metrics())["siaga112_mended_total"] == 1
