"""112 calls through the whole centre: SIP in, a call-taker's phone, one record in PostgreSQL."""

import asyncio

import pytest

from siaga112.lab.callers import place
from siaga112.lab.rtp import RtpPeer, Script
from siaga112.lab.softphone import Softphone
from siaga112.lab.sounds import Law, loudness
from tests.asterisk.centre import Centre, soon


async def test_a_call_is_answered_bridged_and_recorded_once(centre: Centre) -> None:
    """A caller talks with a call-taker, hangs up, and leaves one complete record and nothing in Asterisk."""
    with centre.phone("101") as phone:
        summary = await place(centre.ground, "talk", talk_s=1.5)
        record = await centre.record(summary.numbers[0])
        await centre.at_rest()
    assert (summary.completed, summary.failed) == (1, 0)
    assert phone.heard("answered") == summary.numbers
    assert record["outcome"] == "answered"
    assert (record["ended_by"], record["agent_id"], record["served_by"]) == ("caller", "101", "daemon")
    assert (record["caller_number_source"], record["cli_restricted"]) == ("from", False)
    assert record["started_at"] <= record["answered_at"] <= record["agent_answered_at"] < record["ended_at"]
    assert 0.1 < record["ring_s"] <= record["wait_s"] < 2
    assert 0.5 < record["talk_s"] < 5
    assert record["recording"]
    assert (centre.lab.layout.monitor / record["recording"]).stat().st_size > 1000
    assert await centre.offers(record) == [("101", "answered")]


async def test_the_call_taker_hangs_up_and_the_caller_is_released(centre: Centre) -> None:
    """When the call-taker ends the talk, the caller's leg goes too, and the record says who ended it."""
    with centre.phone("101", talk_s=0.5):
        summary = await place(centre.ground, "talk", talk_s=30)
        record = await centre.record(summary.numbers[0])
        await centre.at_rest()
    assert summary.ended_by_far_end == 1
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")


async def test_a_phone_that_is_not_picked_up_costs_only_its_ring_time(centre: Centre) -> None:
    """Ring, no answer: the next call-taker is rung, the silent one is taken out, the place is kept."""
    with centre.phone("101", behaviour="noanswer"), centre.phone("102"):
        summary = await place(centre.ground, "talk", talk_s=6)
        record = await centre.record(summary.numbers[0])
        assert centre.agent("101")["state"] == "not_responding"
        assert centre.agent("101")["reason"] == "rona"
        await centre.at_rest()
    assert await centre.offers(record) == [("101", "rona"), ("102", "answered")]
    assert record["outcome"] == "answered"
    assert record["queued_at"] == record["started_at"]
    assert 3 <= record["wait_s"] < 6


@pytest.mark.parametrize("behaviour", ["busy", "rejects"])
async def test_a_phone_that_refuses_costs_no_time(centre: Centre, behaviour: str) -> None:
    """Busy or declined: the next call-taker's phone rings at once."""
    refuses = {"busy": "103", "rejects": "104"}[behaviour]  # nobody of whom a call was missed before
    with centre.phone(refuses, behaviour=behaviour), centre.phone("105"):  # type: ignore[arg-type]
        summary = await place(centre.ground, "talk", talk_s=1.5)
        record = await centre.record(summary.numbers[0])
        await centre.at_rest()
    assert await centre.offers(record) == [(refuses, "busy"), ("105", "answered")]
    assert record["wait_s"] < 3


async def test_nobody_ready_means_waiting_and_hearing_never_hanging_up(centre: Centre) -> None:
    """With no call-taker the caller is answered, spoken to, hears the hold sound, and is served at last."""
    speech = Script((centre.ground.sounds / "caller.al").read_bytes())
    async with RtpPeer(speech) as ear:
        calling = asyncio.create_task(place(centre.ground, "talk", talk_s=60, ear=ear))

        async def spoken_to() -> bool:
            sql = """SELECT e.data->>'prompt' AS prompt FROM siaga112.call_event e JOIN siaga112.call_record r
                     USING (call_id) WHERE r.ended_at IS NULL AND e.kind = 'prompt_started'"""
            prompts = {row["prompt"] for row in await centre.query(sql)}
            return prompts >= {"greet", "wait_1", "wait_n"}

        await soon("greeted, told to wait, told again", spoken_to)
        with centre.phone("101", talk_s=0.5):
            summary = await calling
            record = await centre.record(summary.numbers[0])
            await centre.at_rest()
        assert (summary.completed, record["ended_by"]) == (1, "agent"), summary
        assert record["outcome"] == "answered"
        assert record["wait_s"] > 5
        assert ear.calls[-1].loudness() > -45


async def test_a_caller_who_gives_up_leaves_a_record(centre: Centre) -> None:
    """Hanging up while the phone rings stops the ringing at once and is recorded as that."""
    with centre.phone("101", answer_after=20) as phone:
        summary = await place(centre.ground, "hangup-ringing")
        record = await centre.record(summary.numbers[0])
        await centre.at_rest()
        assert phone.heard("cancelled") == summary.numbers
        assert centre.agent("101")["state"] == "available"
    assert (record["outcome"], record["ended_by"]) == ("abandoned_ringing", "caller")
    assert await centre.offers(record) == [("101", "ring_cancelled")]


async def test_a_caller_who_gives_up_at_once_is_a_short_abandon(centre: Centre) -> None:
    """Without any call-taker to ring, leaving within seconds is a short abandon, not a lost call."""
    summary = await place(centre.ground, "abandon")
    record = await centre.record(summary.numbers[0])
    await centre.at_rest()
    assert record["outcome"] == "short_abandon"
    assert record["offers"] == 0


async def test_the_number_comes_from_a_trusted_trunk_even_when_hidden(centre: Centre) -> None:
    """P-Asserted-Identity wins over an anonymous From, and the wish to be hidden is written down."""
    with centre.phone("101"):
        summary = await place(centre.ground, "anon", talk_s=0.8)
        record = await centre.record(summary.numbers[0])
    assert (record["caller_number_source"], record["cli_restricted"]) == ("pai", True)


async def test_a_number_is_written_as_one_would_dial_it(centre: Centre) -> None:
    """Dots and dashes go, a plus stays; all zeros, or too short or too long a number, is none."""
    written = {
        "+628121110001": ("+628121110001", "from"),
        "0812-111.0002": ("08121110002", "from"),
        "*0812#1110003": (None, "none"),
        "0000000": (None, "none"),
        "12": (None, "none"),
        "08121110004080121110004": (None, "none"),
    }
    before = (await centre.query("SELECT now() AS now"))[0]["now"]
    calls = [place(centre.ground, "anon", number="0812-111.0005", talk_s=0.3)]
    calls += [place(centre.ground, "abandon", number=one) for one in written]
    assert all(one.failed == 0 for one in await asyncio.gather(*calls))
    await centre.at_rest()
    sql = """SELECT caller_number, caller_number_source, cli_restricted FROM siaga112.call_record
             WHERE started_at >= $1 AND ended_at IS NOT NULL"""

    async def all_recorded() -> bool:
        return len(await centre.query(sql, before)) == len(calls)

    await soon("recorded", all_recorded)
    rows = [tuple(one.values()) for one in await centre.query(sql, before)]
    found = sorted((str(number), source, hidden) for number, source, hidden in rows)
    expected = [(str(number), source, False) for number, source in written.values()]
    assert found == sorted([*expected, ("08121110005", "pai", True)])


async def test_a_phone_without_a_number_is_served_like_any_other(centre: Centre) -> None:
    """A telephone without a SIM has no number to call back: the call proceeds, the number is null."""
    before = await centre.query("SELECT now() AS now")
    with centre.phone("101"):
        summary = await place(centre.ground, "nosim", talk_s=0.8)
        await centre.at_rest()
    sql = "SELECT * FROM siaga112.call_record WHERE started_at >= $1 AND ended_at IS NOT NULL"
    (record,) = await soon("recorded", lambda: centre.query(sql, before[0]["now"]))
    assert summary.completed == 1
    assert (record["caller_number"], record["caller_number_source"]) == (None, "none")
    assert record["outcome"] == "answered"


@pytest.mark.parametrize("law", ["PCMA", "PCMU"])
async def test_each_of_the_trunks_codecs_is_served(centre: Centre, law: Law) -> None:
    """A trunk that speaks only one law is understood, and its caller hears the call-taker."""
    async with RtpPeer(Script((centre.ground.sounds / "caller.al").read_bytes())) as ear:
        with centre.phone("101"):
            summary = await place(centre.ground, "talk", talk_s=1.5, offer=(law,), ear=ear)
            await centre.record(summary.numbers[0])
        assert summary.completed == 1
        assert ear.calls[-1].packets > 40


async def test_calls_are_answered_in_the_order_they_came(centre: Centre) -> None:
    """Three callers, one call-taker: first come, first served, and each has one record."""
    with centre.phone("101", talk_s=0.4):
        summary = await place(centre.ground, "talk", count=3, rate=5, talk_s=30)
        records = await centre.records(summary.numbers)
        await centre.at_rest()
    assert [one["outcome"] for one in records] == ["answered"] * 3
    answers = [one["agent_answered_at"] for one in records]
    assert answers == sorted(answers)


async def test_the_longest_idle_call_taker_is_rung(centre: Centre) -> None:
    """Two ready call-takers share the work: who has waited longer is rung first."""
    with centre.phone("101"), centre.phone("102"):
        numbers = [(await place(centre.ground, "talk", talk_s=0.6)).numbers[0] for _ in range(3)]
        records = await centre.records(numbers)
    offers = [await centre.offers(one) for one in records]
    # Asterisk itself may not find a phone that has just been switched on again: the next one is rung then.
    assert [agent_id for (agent_id, _), *_ in offers] == ["101", "102", "101"], offers
    assert [one["outcome"] for one in records] == ["answered"] * 3


async def test_feature_codes_rule_who_is_rung(centre: Centre) -> None:
    """*12 takes a call-taker out, *11 brings them back; a registered phone alone is not ready."""
    with centre.phone("102") as phone:
        phone.dial("*12")
        assert centre.agent("102")["state"] == "paused"
        phone.dial("*19")
        summary = await place(centre.ground, "abandon")
        assert (await centre.record(summary.numbers[0]))["offers"] == 0
        phone.dial("*11")
        assert centre.agent("102")["state"] == "available"
        phone.dial("*13")
        assert centre.agent("102")["state"] == "logged_out"


async def test_a_phone_that_vanishes_is_not_rung_for_long(centre: Centre) -> None:
    """An unreachable phone stops being a ready call-taker within 10 s, in the records too."""
    phone = centre.phone("103")
    ready = phone.__enter__()
    ready.stop()

    async def unreachable() -> bool:
        return bool(centre.agent("103")["state"] == "unreachable")

    await soon("noticed", unreachable, patience=12)
    with centre.phone("103"):
        assert centre.agent("103")["state"] == "available"

        async def recorded() -> bool:
            sql = "SELECT state FROM siaga112.agent_state WHERE agent_id = '103' ORDER BY from_at"
            states = [row["state"] for row in await centre.query(sql)]
            return states[-3:] == ["available", "unreachable", "available"]

        await soon("recorded", recorded)


async def test_a_missing_prompt_does_not_keep_a_caller_waiting(centre: Centre) -> None:
    """Without the greeting's file the call goes on to the queue and to a call-taker."""
    greetings = list(centre.lab.layout.sounds.glob("*/siaga112/greet.wav"))
    assert greetings
    kept = {path: path.read_bytes() for path in greetings}
    for path in greetings:
        path.unlink()
    try:
        with centre.phone("101"):
            summary = await place(centre.ground, "talk", talk_s=1)
            record = await centre.record(summary.numbers[0])
    finally:
        for path, sound in kept.items():
            path.write_bytes(sound)
    assert record["outcome"] == "answered"


async def test_an_asterisk_without_broadcast_is_served_too(centre: Centre) -> None:
    """Where StasisBroadcast does not exist, the plain Stasis() path serves the call."""
    centre.lab.asterisk_cli("module unload app_stasis_broadcast.so")
    try:
        with centre.phone("101"):
            summary = await place(centre.ground, "talk", talk_s=1)
            record = await centre.record(summary.numbers[0])
            await centre.at_rest()
    finally:
        centre.lab.asterisk_cli("module load app_stasis_broadcast.so")
    assert (record["outcome"], record["served_by"]) == ("answered", "daemon")


async def test_a_real_softphone_takes_a_112_call(centre: Centre) -> None:
    """Baresip registers, dials *11, is rung, answers, and both sides hear each other."""
    speech = Script((centre.ground.sounds / "caller.al").read_bytes())
    async with Softphone(centre.ground, "110", answer_after=0.2) as phone, RtpPeer(speech) as ear:
        await phone.dial("*11")
        before = len(phone.events)
        summary = await place(centre.ground, "talk", talk_s=2.5, ear=ear)
        await phone.happened("CALL_CLOSED", since=before)
        record = await centre.record(summary.numbers[0])
        await phone.dial("*13")
        assert record["agent_id"] == "110"
        assert loudness(phone.heard()) > -40
        assert ear.calls[-1].loudness() > -40


async def test_a_plan_is_reloaded_only_if_it_is_whole(centre: Centre) -> None:
    """SIGHUP takes a good plan for the next call, and refuses one with a fault, naming it."""
    plan = centre.lab.layout.plan.read_text()
    rest = plan.replace("wrap_up = 0", "wrap_up = 60")
    assert rest != plan
    centre.reload(rest)
    try:
        with centre.phone("101") as phone:
            await centre.record((await place(centre.ground, "talk", talk_s=1)).numbers[0])
            assert centre.agent("101")["state"] == "wrap_up"
            centre.reload(plan.replace("[centre]", "[centre]\nwrong = 1"))
            refused = [one for one in centre.log() if one["event"] == "plan_refused"][-1]
            assert "centre.wrong" in refused["faults"][0]
            assert centre.agent("101")["state"] == "wrap_up"
            phone.dial("*14")
            assert centre.agent("101")["state"] == "available"
    finally:
        centre.reload(plan)
