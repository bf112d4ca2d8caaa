"""A real softphone, baresip, takes a call: registration, feature code, answer, both-way audio."""

from siaga112.lab.callers import place
from siaga112.lab.ground import Ground
from siaga112.lab.rtp import RtpPeer, Script
from siaga112.lab.softphone import Softphone
from siaga112.lab.sounds import loudness


async def test_a_real_phone_answers_and_both_hear_each_other(ground: Ground) -> None:
    """The caller hears the softphone's speech and the softphone hears the caller's."""
    speech = (ground.sounds / "caller.al").read_bytes()
    async with Softphone(ground, "110", answer_after=0.2) as phone, RtpPeer(Script(speech)) as ear:
        await phone.dial("*11")
        before = len(phone.events)
        summary = await place(ground, "talk", talk_s=2.0, ear=ear)
        await phone.happened("CALL_CLOSED", since=before)
        assert summary.numbers[0] in (await phone.happened("CALL_INCOMING"))["peeruri"]
        assert (summary.completed, summary.failed) == (1, 0)
        assert loudness(phone.heard()) > -40
        assert ear.calls[-1].loudness() > -40
        assert ear.calls[-1].packets > 50


async def test_a_quiet_caller_is_not_heard(ground: Ground) -> None:
    """What the softphone hears is the caller: of a caller who sends no audio it hears nothing."""
    async with Softphone(ground, "110", answer_after=0.2) as phone, RtpPeer(Script(None)) as ear:
        await place(ground, "talk", talk_s=1.5, ear=ear)
        await phone.happened("CALL_CLOSED")
        assert loudness(phone.heard()) < -70
        assert ear.calls[-1].loudness() > -40
