"""A request fails in the middle of a call: the caller gets a human or the fallback, never silence."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.asterisk import AsteriskModel
from tests.fakes.server import ALWAYS, FakeAsterisk, Fault
from tests.service.conftest import Start
from tests.service.daemon import (
    NUMBER,
    QUICK,
    in_fallback,
    over,
    rung,
    talk,
    talks,
)

REQUESTS = [
    "POST events",
    "POST channels",
    "POST channels answer",
    "POST channels play",
    "DELETE playbacks",
    "POST bridges",
    "POST bridges addChannel",
    "POST channels variable",
    "DELETE channels",
    "DELETE bridges",
]
"""Everything that a normal call asks for; checked below against a call."""

CLAIM = 0.3
"""Seconds until the dialplan goes on with a call that nobody claimed."""

FAULTS = {
    "404": Fault(404, body={"message": "Channel not found"}),
    "409": Fault(409, body={"message": "Channel not in Stasis application"}),
    "422": Fault(422, body={"message": "Channel not in Stasis application"}),
    "500": Fault(500, body={"error": "Allocation failed"}),
    "no answer": Fault(None),
    "no answer although done": Fault(None, carried_out=True),
}


def helped(fake: FakeAsterisk, caller: str) -> bool:
    """Whether a caller talks to somebody or is in the dialplan's hands."""
    return talks(fake, caller) or in_fallback(fake, caller)


def give_up_claim(model: AsteriskModel) -> None:
    """The dialplan waits half a second for a claim and goes on."""
    for one in list(model.channels.values()):
        if one.place == "broadcast":
            model.claim_times_out(one.id)


def pick_up(fake: FakeAsterisk) -> None:
    """Every phone that rings is answered."""
    for one in rung(fake):
        fake.do(lambda m, name=one.id: m.picks_up(name))  # type: ignore[misc]


async def test_these_are_the_requests_of_a_normal_call(fake: FakeAsterisk, start: Start) -> None:
    """The list that the tests below go through is complete."""
    daemon = await start()
    await daemon.on_duty("101")
    already = len(fake.names())
    caller, _ = await talk(fake)
    fake.do(lambda m: m.hangs_up(caller))
    await over(fake)
    assert set(fake.names()[already:]) == set(REQUESTS)


@pytest.mark.parametrize("how", FAULTS)
@pytest.mark.parametrize("what", [one for one in REQUESTS if one != "POST channels"])
async def test_one_kind_of_request_never_works(fake: FakeAsterisk, start: Start, what: str, how: str) -> None:
    """However one request fails, every time, the caller is helped; once it works again, all is cleared."""
    daemon = await start(pace=QUICK)
    await daemon.on_duty("101", "102")
    fault = fake.faults[what] = replace(FAULTS[how])
    caller = fake.do(lambda m: m.invite(NUMBER))
    asyncio.get_running_loop().call_later(CLAIM, fake.do, give_up_claim)
    while not helped(fake, caller):
        pick_up(fake)
        await fake.until(lambda: helped(fake, caller) or rung(fake))
    rescued = "siaga112-fallback/s" in fake.model.channels[caller].heard
    fake.do(lambda m: m.hangs_up(caller))
    await fake.until(lambda: fault.times < ALWAYS)
    fake.faults.clear()
    fake.cut()  # What is left over is swept when the daemon looks around again.
    await over(fake)
    await daemon.settled()
    (record,) = await daemon.rows("call_record")
    assert record["ended_at"] is not None
    assert record["served_by"] == "fallback" or not rescued


@pytest.mark.parametrize("how", FAULTS)
@pytest.mark.parametrize(
    "what", ["POST channels answer", "POST bridges addChannel", "POST channels variable"]
)
async def test_a_supervisor_cannot_be_let_in(fake: FakeAsterisk, start: Start, what: str, how: str) -> None:
    """Whichever request fails, and however: the supervisor hears so, and the two talk on."""
    daemon = await start(pace=QUICK, supervisors=1)
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    fake.faults[what] = replace(FAULTS[how])
    desk = fake.do(lambda m: m.dial_code("PJSIP/102", "*33101"))
    await fake.until(lambda: fake.model.channels[desk].heard == ("siaga112-say/agent_not_talking",))
    assert talks(fake, caller)


@pytest.mark.parametrize("how", FAULTS)
async def test_no_phone_can_be_rung_for_a_while(fake: FakeAsterisk, start: Start, how: str) -> None:
    """When ringing fails at every desk the caller waits and is spoken to; later they are tried again."""
    daemon = await start(pace=QUICK)
    await daemon.on_duty("101", "102")
    fault = fake.faults["POST channels"] = replace(FAULTS[how])
    caller = fake.do(lambda m: m.invite(NUMBER))
    await fake.until(lambda: ALWAYS - fault.times == 2)
    await daemon.until(lambda: not [one for one in daemon.router.calls.values() if one.legs])
    assert fake.model.channels[caller].heard == ("sound:siaga112/greet",)
    fake.faults.clear()
    daemon.skip(10.1)
    await fake.until(lambda: rung(fake))
    pick_up(fake)
    await fake.until(lambda: talks(fake, caller))


async def test_a_failed_request_is_told_apart_in_metrics(fake: FakeAsterisk, start: Start) -> None:
    """What failed is counted: the request by status, the command by what it means, and the rescue."""
    daemon = await start()
    fake.faults["POST channels answer"] = Fault(500, times=1)
    caller = fake.do(lambda m: m.invite(NUMBER))
    await fake.until(lambda: in_fallback(fake, caller))
    await daemon.settled()
    assert fake.model.channels[caller].heard[-1] == "siaga112-fallback/s"
    told = await daemon.metrics()
    assert told['siaga112_ari_requests_total{status="500"}'] == 1
    assert told['siaga112_command_failures_total{failure="refused"}'] == 1
    assert told["siaga112_fallback_calls_total"] == 1
    assert told['siaga112_calls_total{outcome="failed_technical"}'] == 1


async def test_slow_answers_make_nobody_wait(fake: FakeAsterisk, start: Start) -> None:
    """A slow reply costs its time and nothing else: what was asked behind it is carried out after it."""
    daemon = await start()
    await daemon.on_duty("101")
    gate = asyncio.Event()
    fake.faults["POST channels"] = Fault(gate=gate, carried_out=True)
    caller = fake.do(lambda m: m.invite(NUMBER))
    await fake.until(lambda: fake.names()[-1] == "POST channels")
    assert not rung(fake)
    gate.set()
    await fake.until(lambda: rung(fake))
    assert fake.model.channels[caller].place == "app"


async def test_a_prompt_that_is_missing_costs_the_prompt(fake: FakeAsterisk, start: Start) -> None:
    """Without its sound files the call goes on to the queue, and hears the hold sound."""
    daemon = await start()
    fake.faults["POST channels play"] = Fault(404, body={"message": "no such file"})
    caller = fake.do(lambda m: m.invite(NUMBER))
    await fake.until(lambda: "POST channels moh" in fake.names())
    await daemon.on_duty("101")
    await fake.until(lambda: rung(fake))
    assert fake.model.channels[caller].place == "app"
