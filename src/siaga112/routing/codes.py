"""What is pressed during a talk, and what it means.

A code begins with a star; `*2` and `*3` go on with whom it is about and end with a hash. Whatever else is
pressed means nothing: no code, however it is pressed, does more than one that is in the table.
"""

from siaga112.routing.asking import show_life
from siaga112.routing.entries import Classified, KeyHeard
from siaga112.routing.events import Asked
from siaga112.routing.holding import hold, resume
from siaga112.routing.inviting import call_off
from siaga112.routing.legs import AgentLeg, Stage
from siaga112.routing.talks import CodeRefused
from siaga112.routing.turn import Turn
from siaga112.routing.words import CALLER, Disposition, LegId, Prompt, Purpose, Refusal, Sign

_VERDICTS = {
    "*5": Disposition.SILENT_ASSIST,
    "*6": Disposition.GHOST,
    "*7": Disposition.PRANK,
    "*8": Disposition.INFORMATION,
}
_PURPOSES = {"*2": Purpose.TRANSFER, "*3": Purpose.JOIN}
_HOLD = "*4"
_LONGEST = 10
"""Keys of a code without its hash: the star, the key, eight digits."""
_FORGOTTEN = 10.0
"""Seconds after which a code that nobody finished is none any more."""


def press_in_talk(t: Turn, leg_id: LegId, digit: str) -> None:
    """A key during the talk: the caller's is written down, that of one of ours may be part of a code."""
    leg = t.call.leg(leg_id)
    if leg_id == CALLER or (leg is not None and not leg.inside):
        t.note(KeyHeard(leg_id, digit))
        if leg_id == CALLER:
            show_life(t, Sign.KEY)
    elif leg is not None and leg.stage is Stage.ANSWERED:
        keys = _typed(leg, digit, t.now)
        done = _obey(t, leg, keys)
        t.change_leg(leg_id, keys="" if done else keys, keyed_at=t.now)


def _typed(leg: AgentLeg, digit: str, now: float) -> str:
    """Say what the code is so far; what does not begin with a star is none."""
    if digit == "*":
        return digit
    begun = leg.keys if now - leg.keyed_at <= _FORGOTTEN else ""
    return begun + digit if begun else ""


def _obey(t: Turn, leg: AgentLeg, keys: str) -> bool:
    """Do what a code says; say whether it is whole."""
    verdict, purpose = _VERDICTS.get(keys), _PURPOSES.get(keys[:2])
    if verdict is not None:
        t.note(Classified(verdict, leg.agent_id))
    elif keys == _HOLD:
        _toggle_hold(t, leg)
    elif purpose is not None and keys[2:].endswith("#") and len(keys) > len("*2#"):
        t.asked = Asked(leg.leg, purpose, keys[2:-1])
    elif (purpose is None and keys not in {"", "*"}) or keys.endswith("#") or len(keys) > _LONGEST:
        t.note(CodeRefused(leg.agent_id, keys, Refusal.UNKNOWN))
        t.answer_keys(Prompt.DESK_REFUSED)
    else:
        return False
    return True


def _toggle_hold(t: Turn, leg: AgentLeg) -> None:
    """Put the caller on hold, or bring them back; also from a transfer that still rings."""
    if t.call.held is None:
        hold(t, leg.leg, leg.agent_id)
        return
    call_off(t)
    resume(t)
