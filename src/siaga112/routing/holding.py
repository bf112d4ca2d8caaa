"""A caller on hold: music, a word now and then, and the dialplan's lease while nobody talks with them."""

from siaga112.routing.call import Hearing, Silence
from siaga112.routing.commands import Answer, Unbridge
from siaga112.routing.talking import bridge
from siaga112.routing.talks import Held, Resumed
from siaga112.routing.turn import Turn
from siaga112.routing.words import CALLER, AgentId, Failure, LegId, Prompt


def hold(t: Turn, by: LegId, agent_id: AgentId | None) -> None:
    """Take the caller out of the talk."""
    t.note(Held(by, agent_id))
    t.set(held=by)
    t.do(Unbridge(t.call.id, t.call.caller.channel_id))
    keep_company(t)


def resume(t: Turn, *others: LegId) -> None:
    """Bring the caller into the talk, and others with them."""
    t.note(Resumed())
    t.set(held=None, speak_at=None)
    t.hush_for_sure()
    bridge(t, (CALLER, *others))


def keep_company(t: Turn) -> None:
    """Speak to a caller on hold, and let the dialplan know that we still live."""
    if t.keep_touch():
        t.play(Prompt.HOLD)


def after_word(t: Turn, n: int) -> None:
    """A prompt is over: a caller on hold hears music again."""
    if t.call.held is not None and t.call.sound == Hearing(n):
        t.set(sound=Silence())
        t.hold()


def word_failed(t: Turn, n: int, failure: Failure) -> None:
    """A word to a caller on hold was not played: music; or the word again, if we do not even know that."""
    if failure is not Failure.LOST:
        after_word(t, n)
    elif t.call.held is not None and t.call.sound == Hearing(n):
        t.set(sound=Silence(), speak_at=t.now + t.call.timings.clearing)


def look_after_talk(t: Turn) -> None:
    """What is due: a word to a caller on hold; or a lease that should have been ended, and is in force."""
    if t.call.speak_at is None or t.call.speak_at > t.now:
        return
    if t.call.held is not None:
        keep_company(t)
        return
    t.set(speak_at=None)
    t.lease(0)


def mend_hold(t: Turn, seen: frozenset[LegId], *, answered: bool) -> None:
    """After an interruption: take a caller on hold out of the bridge for sure, and speak to them."""
    if CALLER in seen:
        t.do(Unbridge(t.call.id, t.call.caller.channel_id))
    t.hush_for_sure()
    if not answered:
        t.do(Answer(t.call.id, t.call.caller.channel_id))
    keep_company(t)
