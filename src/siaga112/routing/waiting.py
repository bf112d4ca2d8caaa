"""What happens to a caller between the arrival and the talk: welcome, prompts, phones that ring."""

import math

from siaga112.routing.call import (
    AgentLeg,
    Hearing,
    Offered,
    Presence,
    Queued,
    Ringing,
    Silence,
    Stage,
)
from siaga112.routing.clearing import end_offer, hand_over, repeat, wait_if_none_rings
from siaga112.routing.commands import Answer, Originate
from siaga112.routing.entries import CallerAnswered, OfferMade
from siaga112.routing.events import AgentChosen
from siaga112.routing.plan import LEASE
from siaga112.routing.talking import talk
from siaga112.routing.turn import Turn
from siaga112.routing.words import LegId, OfferResult, Outcome, Prompt


def welcome(t: Turn) -> None:
    """The caller is in our hands: answer at once, and speak."""
    if t.call.presence is not Presence.ARRIVING:
        return
    t.set(presence=Presence.PRESENT, arrive_by=None)
    t.set(speak_at=t.now + t.call.timings.wait_prompt)
    t.do(Answer(t.call.id, t.call.caller.channel_id))
    t.note(CallerAnswered())
    picked_up = t.live(lambda leg: leg.stage is Stage.ANSWERED)
    if picked_up:
        talk(t, picked_up[0].leg)
        return
    if isinstance(t.call.phase, Offered):
        t.set(phase=Queued())
    t.play(Prompt.GREET)


def ring(t: Turn, event: AgentChosen) -> None:
    """Ring the chosen agent's phone."""
    call, leg = t.call, LegId(t.call.offers + 1)
    seconds = call.timings.ring
    # Asterisk's own time-out is the second line, should we die meanwhile.
    backstop = math.ceil(seconds) + 2
    channel, number = call.caller.channel_id, call.caller.number
    t.do(Originate(call.id, leg, event.agent_id, event.endpoint, channel, number, backstop))
    t.note(OfferMade(leg, event.agent_id))
    rung = AgentLeg(leg, event.agent_id, Stage.DIALLING, t.now, t.now + seconds)
    t.set(offers=leg, legs=(*call.legs, rung), phase=Ringing())


def pick_up(t: Turn, leg: LegId) -> None:
    """An agent answered: the first one talks, every other phone stops ringing."""
    answered = t.call.leg(leg)
    if answered is None or answered.stage is not Stage.DIALLING:
        return
    t.change_leg(leg, stage=Stage.ANSWERED, until=None)
    for other in t.live(lambda one: one.leg != leg):
        end_offer(t, other, OfferResult.ANSWERED_ELSEWHERE)
    if t.call.presence is Presence.PRESENT:
        talk(t, leg)


def give_up_unanswered(t: Turn) -> None:
    """A phone that rang its time is given up: ring, no answer."""
    for leg in t.live(lambda one: one.until is not None and one.until <= t.now):
        end_offer(t, leg, OfferResult.RONA)
    wait_if_none_rings(t)


def after_prompt(t: Turn, n: int) -> None:
    """The prompt is over: say that it may take a while, or let the hold sound play."""
    if t.call.sound != Hearing(n):
        return
    t.set(sound=Silence())
    if isinstance(t.call.phase, Queued) and t.call.rounds_of_waiting == 0:
        t.set(rounds_of_waiting=1)
        t.play(Prompt.WAIT_FIRST)
    else:
        t.hold()


def look_after_waiting(t: Turn) -> None:
    """What is due for a waiting caller: a word, a longer lease, or another way out."""
    repeat(t)
    call = t.call
    if call.arrive_by is not None and call.arrive_by <= t.now:
        t.set(arrive_by=None)
        hand_over(t, "the call did not come into our hands", Outcome.FAILED_TECHNICAL)
    elif call.speak_at is not None and call.speak_at <= t.now:
        _speak(t)


def _speak(t: Turn) -> None:
    """Tell the caller that the call still waits, and the dialplan that we still live."""
    t.set(speak_at=t.now + t.call.timings.wait_prompt)
    t.lease(LEASE)
    if isinstance(t.call.sound, Hearing):
        return
    first = t.call.rounds_of_waiting == 0
    t.set(rounds_of_waiting=t.call.rounds_of_waiting + 1)
    t.play(Prompt.WAIT_FIRST if first else Prompt.WAIT_AGAIN)


def resume_waiting(t: Turn, *, answered: bool) -> None:
    """An interruption is over: what we last said to the caller may be lost, so say it again."""
    repeat(t, at_once=True)
    if t.call.presence is not Presence.PRESENT:
        return
    if not answered:
        t.do(Answer(t.call.id, t.call.caller.channel_id))
    t.set(sound=Silence())
    _speak(t)
