"""A call rebuilt from its journal, for a daemon that was restarted in the middle of it.

The journal says what was decided; what has happened since is for `resync` to find out from Asterisk.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, assert_never

from siaga112.routing import entries, evidence, talks
from siaga112.routing.call import (
    Call,
    Clearing,
    Connected,
    Ended,
    Hearing,
    Offered,
    Queued,
    Ringing,
    outcome_of,
)
from siaga112.routing.clearing import IN_VAIN
from siaga112.routing.ear import PERSON, Ear
from siaga112.routing.entries import Journaled
from siaga112.routing.evidence import Evidence
from siaga112.routing.heard import Line
from siaga112.routing.inviting import with_first as _named
from siaga112.routing.ivr import CANNOT_SPEAK
from siaga112.routing.legs import AgentLeg, Caller, Guest, Invitation, Presence, Stage
from siaga112.routing.plan import Plan
from siaga112.routing.words import (
    CALLER,
    OVERFLOW,
    AudioClass,
    Band,
    EndedBy,
    OfferResult,
    ServedBy,
    Sign,
    Suspicion,
    Why,
)

_MAY_PLAY = 8
"""So many of the last prompts may still play: the journal does not say which have ended."""


def revive(journal: Iterable[Journaled], plan: Plan, now: float) -> Call | None:
    """Rebuild a call; None when its journal does not begin with its arrival."""
    call: Call | None = None
    for line in journal:
        if isinstance(line.entry, entries.Arrived):
            call = _arrived(line, line.entry, plan, now)
            call = replace(call, ear=None if plan.listening is None else Ear(plan.listening))
        elif call is not None:
            call = replace(_apply(call, line), journaled=line.seq)
    if call is None:
        return None
    if call.presence is Presence.ARRIVING:
        return replace(call, arrive_by=now + plan.timings.arrival)
    # What the caller hears is not known: speak at once, which also renews the lease, or ends it in a talk.
    waits = isinstance(call.phase, Queued | Ringing) or call.held is not None
    sound = Hearing(call.prompts) if call.prompts and waits else call.sound
    alive = not isinstance(call.phase, Clearing | Ended)
    return replace(call, speak_at=now if alive else None, sound=sound)


def _arrived(line: Journaled, entry: entries.Arrived, plan: Plan, now: float) -> Call:
    caller = Caller(
        entry.channel_id,
        entry.number,
        entry.number_source,
        entry.restricted,
        entry.dialled,
        entry.recording,
    )
    return Call(
        line.call_id,
        caller,
        entry.language,
        plan.timings,
        queued_at=line.at,
        phase=Offered(),
        band=entry.band,
        rank_at=line.at if entry.rank_at is None else entry.rank_at,
        attempt=entry.attempt,
        suspicion=entry.suspicion,
        preferred=entry.preferred,
        information=plan.told(now),
        overflow=plan.overflow,
        barred_until=entry.barred_until,
        journaled=line.seq,
    )


def _apply(call: Call, line: Journaled) -> Call:
    entry = line.entry
    match entry:
        case entries.CallerAnswered():
            return _settle(replace(call, presence=Presence.PRESENT))
        case entries.PromptStarted(n=n):
            return replace(call, prompts=n, playing=(*call.playing, n)[-_MAY_PLAY:])
        case entries.OfferMade(leg, agent_id):
            rung = AgentLeg(leg, agent_id, Stage.DIALLING, line.at, line.at + call.timings.ring)
            asked = call.overflow if agent_id != OVERFLOW else None
            return replace(call, offers=leg, legs=(*call.legs, rung), phase=Ringing(), overflow=asked)
        case entries.OfferEnded(leg, _, result):
            stage = Stage.ANSWERED if result is OfferResult.ANSWERED else Stage.DYING
            counted = replace(call, failed=call.failed + (result in IN_VAIN))
            return _settle(_stage(counted, leg, stage, line.at))
        case entries.Connected(leg, agent_id):
            joined = replace(call, phase=Connected(leg, agent_id), bridged=True, talked=True)
            overflowed = call.overflowed or agent_id == OVERFLOW
            return replace(joined, talker=agent_id, broke=False, overflowed=overflowed)
        case talks.Held(leg=leg):
            return replace(call, held=leg)
        case talks.Resumed():
            return replace(call, held=None)
        case talks.Invited():
            return _invited(call, entry, line.at)
        case talks.InviteEnded(leg=leg, result=result):
            came = result is OfferResult.ANSWERED
            return _named(_stage(call, leg, Stage.ANSWERED if came else Stage.DYING, line.at))
        case talks.Left(leg=leg):
            return _named(_stage(call, leg, Stage.DYING, line.at))
        case entries.Requeued():
            waiting = replace(_all_dying(call, line.at), phase=Queued(), held=None)
            return replace(waiting, troubles=call.troubles + 1, broke=True)
        case entries.LegEnded():
            return _leg_ended(call, entry, line.at)
        case entries.HandedOver(outcome=outcome):
            handed = Clearing(EndedBy.SYSTEM, outcome, ServedBy.FALLBACK, line.at)
            return replace(_all_dying(call, line.at), presence=Presence.LEAVING, phase=handed)
        case entries.Ended():
            return replace(call, phase=Ended(), presence=Presence.GONE, legs=())
        case entries.Banded(band, reason):
            lifted = call.suspicion is Suspicion.ABUSE_FLAGGED and band == Band.NORMAL
            suspicion = Suspicion.NONE if lifted else call.suspicion
            silent = call.silent or reason == CANNOT_SPEAK
            return replace(call, band=band, silent=silent, suspicion=suspicion)
        case entries.LanguageChosen(language=language):
            return replace(call, language=language)
        case entries.Escalated(pressure=pressure):
            return replace(call, pressure=pressure)
        case talks.Watched() | talks.WatchEnded():
            return _guest(call, entry, line.at)
        case talks.CodeRefused():
            return call
        case entries.InfoEntered() | entries.InfoLeft() | entries.Classified():
            return call  # Whoever listened to the information waits for a person from now on.
        case entries.KeyHeard(leg=leg) if leg == CALLER:
            return _key_heard(replace(call, keys=call.keys + 1))
        case entries.Arrived() | entries.KeyHeard() | entries.Adopted():
            return call
        case entries.BarLifted():
            return replace(call, barred_until=None)
        case (
            evidence.ListeningBegan()
            | evidence.ClassChanged()
            | evidence.VoiceBegan()
            | evidence.SoundAnswered()
            | evidence.Suspected()
            | evidence.Challenged()
            | evidence.ChallengeEnded()
            | evidence.Beeped()
            | evidence.ListeningEnded()
        ):
            return _heard(call, entry)
        case entries.FallbackEntered() | entries.FallbackEnded() | entries.Erased():
            return call  # the spool keeps no entries of others than ours
        case entries.NumberBlocked() | entries.NumberUnblocked():
            return call  # nor those that stand beside the course of the call
        case _:
            assert_never(entry)


def _heard(call: Call, entry: Evidence) -> Call:
    """What was found stands; who listens now begins anew."""
    match entry:
        case evidence.Suspected(suspicion=suspicion):
            return replace(call, suspicion=suspicion)
        case evidence.ChallengeEnded(sign=sign) if sign is not None:
            return replace(_with_ear(call, sign=sign), silent=not (sign is Sign.WORD and _speaks(call)))
        case evidence.ListeningBegan(n=n):
            return _with_ear(call, taps=n)
        case evidence.VoiceBegan():
            return _with_ear(call, person=True)
        case evidence.Challenged():
            return _with_ear(call, asked=True)
        case evidence.ClassChanged(audio_class=heard):
            by_word = call.ear is not None and call.ear.sign is Sign.WORD
            known = _with_ear(call, line=Line(heard), person=_is_person(call) or heard in PERSON)
            return replace(known, silent=call.silent and not (by_word and _speaks(known)))
        case _:
            return call


def _speaks(call: Call) -> bool:
    return call.ear is not None and call.ear.line.audio_class is AudioClass.SPEAKING


def _is_person(call: Call) -> bool:
    return call.ear is not None and call.ear.person


def _key_heard(call: Call) -> Call:
    if call.ear is not None and call.ear.sign is Sign.WORD:
        return _with_ear(call, person=True, sign=Sign.KEY)
    return _with_ear(call, person=True)


def _with_ear(call: Call, **changes: Any) -> Call:
    return call if call.ear is None else replace(call, ear=replace(call.ear, **changes))


def _stage(call: Call, leg: int, stage: Stage, at: float) -> Call:
    until = at + call.timings.clearing if stage is Stage.DYING else None
    changed = tuple(replace(x, stage=stage, until=until) if x.leg == leg else x for x in call.legs)
    return replace(call, legs=changed)


def _all_dying(call: Call, at: float) -> Call:
    return replace(call, legs=tuple(replace(x, stage=Stage.DYING, until=at) for x in call.legs))


def _settle(call: Call) -> Call:
    """Say whether a call that is not in conversation waits or rings."""
    if not isinstance(call.phase, Offered | Queued | Ringing):
        return call
    if any(one.stage is not Stage.DYING for one in call.legs):
        return replace(call, phase=Ringing())
    return replace(call, phase=Offered() if call.presence is Presence.ARRIVING else Queued())


def _leg_ended(call: Call, entry: entries.LegEnded, at: float) -> Call:
    if entry.leg == CALLER:
        outcome = outcome_of(call, now=at)
        broke = entry.why is Why.BROKEN and isinstance(call.phase, Connected)
        call = replace(call, broke=call.broke or broke)
        gone = replace(_all_dying(call, at), presence=Presence.GONE, cause=entry.cause)
        if isinstance(call.phase, Clearing):
            return gone
        return replace(gone, phase=Clearing(EndedBy.CALLER, outcome, ServedBy.DAEMON, at))
    left = replace(call, legs=tuple(one for one in call.legs if one.leg != entry.leg))
    talked = entry.leg in {one.leg for one in call.talkers}
    coming = any(one.stage is Stage.DIALLING for one in left.legs)
    if not talked or left.talkers or coming or left.held is not None:
        return _named(_settle(left))
    if entry.why is Why.HUNG_UP:
        ended = Clearing(EndedBy.AGENT, outcome_of(call, now=at), ServedBy.DAEMON, at)
        return replace(_all_dying(left, at), presence=Presence.LEAVING, phase=ended)
    return left


def _guest(call: Call, entry: talks.Watched | talks.WatchEnded, at: float) -> Call:
    match entry:
        case talks.Watched(supervisor=supervisor, channel_id=channel_id) if channel_id is not None:
            return replace(call, guests=(*call.guests, Guest(supervisor, channel_id, at)))
        case _:
            left = tuple(one for one in call.guests if one.channel_id != entry.channel_id)
            return replace(call, guests=left)


def _invited(call: Call, entry: talks.Invited, at: float) -> Call:
    invitation = Invitation(entry.purpose, entry.asked, entry.agency, entry.inside, entry.region)
    until = at + call.timings.transfer
    leg = AgentLeg(entry.leg, entry.agent_id, Stage.DIALLING, at, until, invited=invitation)
    return replace(call, offers=entry.leg, legs=(*call.legs, leg))
