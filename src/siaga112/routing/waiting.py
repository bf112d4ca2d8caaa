"""What happens to a caller between the arrival and the talk: welcome, prompts, phones that ring."""

import math
from dataclasses import replace

from siaga112.routing.asking import after_prompt_of_caller, ask_afresh, is_asked
from siaga112.routing.call import Hearing, Offered, Queued, Ringing, Silence
from siaga112.routing.clearing import end_offer, hand_over, repeat, wait_if_none_rings
from siaga112.routing.commands import Answer, Originate, StopPlay, Unbridge
from siaga112.routing.entries import CallerAnswered, Escalated, OfferMade
from siaga112.routing.events import AgentChosen
from siaga112.routing.ivr import after_script, leave_information, lift_bar, listens_no_more
from siaga112.routing.legs import AgentLeg, Presence, Stage
from siaga112.routing.talking import talk
from siaga112.routing.tap import AFTER_ANSWER, want_ear
from siaga112.routing.turn import Turn
from siaga112.routing.words import CALLER, OVERFLOW, Band, LegId, OfferResult, Outcome, Prompt

_BRIEFING = 4.0
"""Seconds after which the talk begins although the word to the agent has not ended."""


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
        begin(t, picked_up[0].leg)
    else:
        if isinstance(t.call.phase, Offered):
            t.set(phase=Queued())
        after_script(t)
    want_ear(t, AFTER_ANSWER)


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
    if event.agent_id == OVERFLOW:
        t.set(overflow=None)  # Asked once; if it does not take the call, we keep going.
        if call.presence is Presence.PRESENT:
            t.set(script=())
            t.play(Prompt.OVERFLOW)


def withdraw(t: Turn) -> None:
    """Stop ringing: somebody else needs the phone more. The place in line is kept."""
    for leg in t.live(lambda one: one.stage is Stage.DIALLING):
        end_offer(t, leg, OfferResult.RING_CANCELLED)
    wait_if_none_rings(t)


def pick_up(t: Turn, leg: LegId) -> None:
    """An agent answered: the first one talks, every other phone stops ringing."""
    answered = t.call.leg(leg)
    if answered is None or answered.stage is not Stage.DIALLING:
        return
    t.change_leg(leg, stage=Stage.ANSWERED, until=None)
    for other in t.live(lambda one: one.leg != leg):
        end_offer(t, other, OfferResult.ANSWERED_ELSEWHERE)
    if t.call.presence is Presence.PRESENT:
        begin(t, leg)


def begin(t: Turn, leg: LegId) -> None:
    """Let the agent know what is special about this caller, then let them talk."""
    answered, whisper = t.call.leg(leg), t.call.whisper
    if answered is None or whisper is None or answered.agent_id == OVERFLOW:
        talk(t, leg)
    else:
        t.brief(answered, whisper, t.now + _BRIEFING)


def give_up_unanswered(t: Turn) -> None:
    """A phone that rang its time is given up: ring, no answer. A briefing that does not end is cut."""
    for leg in t.live(lambda one: one.until is not None and one.until <= t.now):
        if leg.stage is Stage.BRIEFED:
            t.do(StopPlay(t.call.id, leg.briefing))  # Else Asterisk would make the talk wait for it.
            talk(t, leg.leg)
            return
        end_offer(t, leg, OfferResult.RONA)
    wait_if_none_rings(t)


def after_prompt(t: Turn, n: int) -> None:
    """A prompt is over: the caller's, or the one that an agent hears before the talk."""
    briefed = t.live(lambda one: one.stage is Stage.BRIEFED and one.briefing == n)
    if briefed:
        talk(t, briefed[0].leg)
    elif t.call.sound == Hearing(n):
        t.set(sound=Silence())
        if not after_prompt_of_caller(t, n):
            after_script(t)


def look_after_waiting(t: Turn) -> None:
    """What is due for a waiting caller: a word, a longer lease, or another way out."""
    repeat(t)
    call = t.call
    if call.arrive_by is not None and call.arrive_by <= t.now:
        t.set(arrive_by=None)
        hand_over(t, "the call did not come into our hands", Outcome.FAILED_TECHNICAL)
        return
    if call.speak_at is not None and call.speak_at <= t.now:
        _speak(t)
    if listens_no_more(t.call, t.now):
        leave_information(t, Band.INFORMATION, "silence after the information")
    if call.barred_until is not None and call.barred_until <= t.now:
        lift_bar(t, "waited")
    if t.call.info is None:
        _grow_impatient(t)


def _grow_impatient(t: Turn) -> None:
    """Who waits long rings more phones, and at last goes before everybody else."""
    call = t.call
    while call.presses_at is not None and call.presses_at <= t.now:
        call = replace(call, pressure=call.pressure + 1)
    if call.pressure != t.call.pressure:
        t.set(pressure=call.pressure)
        t.note(Escalated(call.pressure))
    if call.ages_at is not None and call.ages_at <= t.now:
        t.set(aged=True)


def _speak(t: Turn) -> None:
    """Tell the caller that the call still waits, and the dialplan that we still live."""
    if not t.keep_touch():
        return
    if t.call.info is not None or is_asked(t):
        return
    if t.call.barred_until is not None:
        t.play(Prompt.FLAGGED)
        return
    first = t.call.rounds_of_waiting == 0
    t.set(rounds_of_waiting=t.call.rounds_of_waiting + 1)
    t.play(Prompt.WAIT_FIRST if first else Prompt.WAIT_AGAIN)


def resume_waiting(t: Turn, bridged: frozenset[LegId], *, answered: bool) -> None:
    """An interruption is over: what we last said to the caller may be lost, so say it again."""
    repeat(t, at_once=True)
    if t.call.presence is not Presence.PRESENT:
        return
    if CALLER in bridged:  # Of a talk that is over; nothing can be played to who is in a bridge.
        t.do(Unbridge(t.call.id, t.call.caller.channel_id))
    t.hush_for_sure()
    if not answered:
        t.do(Answer(t.call.id, t.call.caller.channel_id))
    t.set(info=None, script=())
    ask_afresh(t)
    _speak(t)
    want_ear(t)
