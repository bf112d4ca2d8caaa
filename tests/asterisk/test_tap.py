"""The ear on real calls: what callers of each kind are taken for, through Asterisk, tap and all."""

import asyncio

import pytest

from siaga112.ari.operations import bridges, channels
from siaga112.audio.ear import Concluded
from siaga112.audio.events import AudioClass, FirstVoice
from siaga112.lab.callers import place
from siaga112.lab.ground import Ground
from siaga112.lab.lab import Lab
from tests.asterisk.centre import until
from tests.asterisk.tapping import NUMBER, Tapping, tapping

KINDS = {
    "talk": AudioClass.SPEAKING,
    "silent": AudioClass.SILENT,
    "ghost": AudioClass.NOISE_ONLY,
    "noaudio": AudioClass.NO_AUDIO,
    "info": AudioClass.DTMF_RESPONSE,
    "silent5": AudioClass.DTMF_RESPONSE,
}
"""What each kind is taken for in the end."""
NUMBERS = {kind: f"08120000{n:04d}" for n, kind in enumerate(KINDS)}


async def _everybody(one: Tapping, ground: Ground) -> None:
    """One caller of each kind, all at once: with music on hold, or talking into each other's ears."""
    calls = [
        asyncio.ensure_future(place(ground, kind, talk_s=13.5, number=NUMBERS[kind], dialled=NUMBER))
        for kind in KINDS
    ]
    await one.until(lambda: len(one.channels) == len(KINDS))
    for kind in KINDS:
        await one.ari.carry(channels.start_moh(one.channels[NUMBERS[kind]], moh_class="siaga112"))
        await one.tap(NUMBERS[kind])
    # One who says nothing hears one who talks, as a caller hears the call-taker.
    both = f"{one.channels[NUMBERS['talk']]},{one.channels[NUMBERS['silent']]}"
    await one.ari.carry(bridges.create_with_id("s112.tapping.bridge", type="mixing"))
    await one.ari.carry(bridges.add_channel("s112.tapping.bridge", channel=both))
    for call in asyncio.as_completed(calls):
        assert (await call).failed == 0
    await one.ari.carry(bridges.destroy("s112.tapping.bridge"))


async def test_each_kind_of_caller_is_taken_for_what_it_is(ground: Ground, plain_lab: Lab) -> None:
    """Neither music on hold nor the other party is the caller's voice, and a key is an answer."""
    async with tapping(plain_lab) as one:
        await _everybody(one, ground)
        taken = {kind: one.classes(number) for kind, number in NUMBERS.items()}
        assert {kind: classes[-1:] for kind, classes in taken.items()} == {
            kind: [expected] for kind, expected in KINDS.items()
        }
        assert taken["silent5"][0] is AudioClass.SILENT, "it was silent for long before the key"
        voices = {of for of, event in one.told if isinstance(event, FirstVoice)}
        assert voices == {NUMBERS["talk"]}
        until("each tap has ended with its caller", lambda: "0 active channels" in _count(plain_lab))
        for number in NUMBERS.values():
            assert await one.untap(number) == 404
        await one.until(lambda: sum(isinstance(event, Concluded) for _, event in one.told) == len(KINDS))
        assert one.trouble == []


@pytest.mark.alone
async def test_twenty_callers_at_once(ground: Ground, plain_lab: Lab) -> None:
    """Ten speak, ten do not: each is known, no frame is lost, and nearly all come in time.

    How late they are is measured by the bench; here one in twenty may be, as the callers, Asterisk and the
    ear share two cores.
    """
    async with tapping(plain_lab) as one:
        calls = [
            asyncio.ensure_future(place(ground, kind, count=10, rate=20, talk_s=10, dialled=NUMBER))
            for kind in ("talk", "ghost")
        ]
        await one.until(lambda: len(one.channels) == 20)
        one.events.clear()
        await asyncio.gather(*(one.tap(number) for number in one.channels))
        assert [event for event in one.events if "s112." in str(event)] == [], "a tap makes no events"
        await one.until(lambda: all(one.classes(number) for number in one.channels))
        talking, street = await asyncio.gather(*calls)
        assert {one.classes(number)[-1] for number in talking.numbers} == {AudioClass.SPEAKING}
        assert {one.classes(number)[-1] for number in street.numbers} == {AudioClass.NOISE_ONLY}
        health = one.ear.health
        assert health.frames > 20 * 50 * 8
        assert health.late <= health.frames / 20
        assert health.lost == 0


async def test_stopping_in_mid_call_leaves_the_call_alone(ground: Ground, plain_lab: Lab) -> None:
    """The tap's channel goes, the caller stays, and the recording and the rest never knew."""
    async with tapping(plain_lab) as one:
        call = asyncio.ensure_future(place(ground, "talk", talk_s=5, dialled=NUMBER))
        await one.until(lambda: one.channels)
        (number,) = one.channels
        await one.tap(number)
        await one.until(lambda: AudioClass.SPEAKING in one.classes(number))
        assert await one.untap(number) == 204
        until("only the caller is left", lambda: "1 active channel" in _count(plain_lab))
        summary = await call
        assert (summary.completed, summary.failed, summary.ended_by_far_end) == (1, 0, 0)
    until("nobody is left", lambda: "0 active channels" in _count(plain_lab))


async def test_a_caller_who_is_gone_already(plain_lab: Lab) -> None:
    """A tap on a channel that does not exist ends by itself and leaves nothing."""
    async with tapping(plain_lab) as one:
        one.channels["nobody"] = "1700000000.9999"
        await one.tap("nobody")
        until("the tap is gone", lambda: "0 active channels" in _count(plain_lab))
        assert await one.untap("nobody") == 404


def _count(lab: Lab) -> str:
    return lab.asterisk_cli("core show channels count")
