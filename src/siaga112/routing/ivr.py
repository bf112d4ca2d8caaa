"""What a caller hears and may press while waiting; nothing has to be pressed.

Whatever is not understood, and whatever goes wrong, leads on to the queue: a key that means nothing here, a
message that has expired, silence after a message.
"""

from dataclasses import replace

from siaga112.routing.call import Call, Info, Queued, Ringing, Tale
from siaga112.routing.clearing import end_offer, wait_if_none_rings
from siaga112.routing.entries import Banded, BarLifted, InfoEntered, InfoLeft, KeyHeard, LanguageChosen
from siaga112.routing.plan import LISTENING_LEASE, IvrMode
from siaga112.routing.turn import Turn
from siaga112.routing.words import CALLER, Band, OfferResult, Prompt, Suspicion

_OPENINGS: dict[IvrMode, tuple[str, ...]] = {
    IvrMode.OFF: (),
    IvrMode.SHORT: (Prompt.GREET,),
    IvrMode.FULL: (Prompt.GREET, Prompt.MENU),
    IvrMode.SURGE: (Prompt.SURGE,),
}


CANNOT_SPEAK = "key 5: cannot speak"


_KEYS = 60
"""After so many keys only those count that change something: a stuck key costs nobody anything."""


def opening(mode: IvrMode, *, flagged: bool, recorded: bool = False) -> tuple[str, ...]:
    """Say what a call begins with."""
    first, *rest = (Prompt.FLAGGED,) if flagged else _OPENINGS[mode] or ("",)
    told = (first, Prompt.RECORDED, *rest) if recorded else (first, *rest)
    return tuple(one for one in told if one)


def press(t: Turn, digit: str) -> None:
    """A waiting caller pressed a key: any key cuts what is heard; some mean something."""
    if t.call.keys >= _KEYS and not _changes(t.call, digit):
        return
    t.note(KeyHeard(CALLER, digit))
    t.set(script=(), keys=t.call.keys + 1)
    if t.call.info is not None and digit != "5":
        _press_in_information(t, t.call.info, digit)
        return
    match digit:
        case "1":
            _want_help(t)
        case "2":
            _want_information(t)
        case "5":
            _cannot_speak(t)
        case "9":
            _want_english(t)
        case _:
            rest(t)


def _changes(call: Call, digit: str) -> bool:
    """Whether a call for help by key is not known yet."""
    return (digit == "5" and not call.silent) or (digit == "1" and call.band > Band.NORMAL)


def rest(t: Turn) -> None:
    """Nothing more to say: the hold sound."""
    t.hush()
    t.hold()


def after_script(t: Turn) -> None:
    """A prompt is over: the next of the script, the next of the information, or the waiting itself."""
    call = t.call
    if call.script:
        t.set(script=call.script[1:])
        t.play(call.script[0])
    elif call.info is not None:
        _after_information(t, call.info)
    elif isinstance(call.phase, Queued) and call.rounds_of_waiting == 0 and call.barred_until is None:
        t.set(rounds_of_waiting=1)
        t.play(Prompt.WAIT_FIRST)
    else:
        t.hold()


def lift_bar(t: Turn, reason: str) -> None:
    """Phones ring from now on, also for a blocked number."""
    if t.call.barred_until is not None:
        t.set(barred_until=None)
        t.note(BarLifted(reason))


def leave_information(t: Turn, band: int, reason: str) -> None:
    """The caller waits for a person."""
    t.set(info=None)
    t.note(InfoLeft(reason))
    if band == Band.NORMAL:
        lift_bar(t, reason)
    put_into(t, band, reason)
    rest(t)


def put_into(t: Turn, band: int, reason: str) -> None:
    """Let the call stand in another band."""
    if t.call.band != band:
        t.set(band=band)
        t.note(Banded(band, reason))


def _want_help(t: Turn) -> None:
    """An emergency, said by a key: a flagged number is one like any other from now on."""
    lift_bar(t, "key 1")
    if t.call.band != Band.NEED:
        put_into(t, Band.NORMAL, "key 1")
    if t.call.suspicion is Suspicion.ABUSE_FLAGGED:
        t.set(suspicion=Suspicion.NONE)
    rest(t)


def _cannot_speak(t: Turn) -> None:
    if t.call.info is not None:
        t.set(info=None)
        t.note(InfoLeft("key 5"))
    t.set(silent=True)
    lift_bar(t, CANNOT_SPEAK)
    put_into(t, Band.NEED, CANNOT_SPEAK)
    t.play(Prompt.SILENT_OK)


def _want_english(t: Turn) -> None:
    t.set(language="en")
    t.note(LanguageChosen("en"))
    if t.call.menu is None:
        rest(t)
    else:
        t.play(t.call.menu)


def _want_information(t: Turn) -> None:
    """Recorded information, if there is any: the caller does not wait for anybody meanwhile.

    The phone that rings is freed in any case: somebody else may need it more.
    """
    put_into(t, Band.INFORMATION, "key 2")
    for leg in t.live():
        end_offer(t, leg, OfferResult.RING_CANCELLED)
    wait_if_none_rings(t)
    if not t.call.information or not isinstance(t.call.phase, Queued | Ringing):
        rest(t)
        return
    t.note(InfoEntered())
    t.set(info=Info(Tale.MENU))
    t.play(Prompt.INFO_MENU)


def _press_in_information(t: Turn, info: Info, digit: str) -> None:
    sounds = dict(t.call.information)
    if digit == "*":
        leave_information(t, Band.NORMAL, "key *: an emergency")
    elif digit == "1" and info.tale is Tale.END:
        _tell(t, info.sound)
    elif digit in sounds:
        _tell(t, sounds[digit])
    else:
        leave_information(t, Band.INFORMATION, "key 0: an officer" if digit == "0" else "another key")


def _tell(t: Turn, sound: str) -> None:
    t.set(info=Info(Tale.MESSAGE, sound))
    t.hush()
    t.lease(LISTENING_LEASE)  # A lease cannot be renewed while a prompt plays.
    t.play(sound)


def _after_information(t: Turn, info: Info) -> None:
    if info.tale is Tale.MESSAGE:
        t.set(info=replace(info, tale=Tale.END))
        t.play(Prompt.INFO_END)
        return
    t.set(info=replace(info, until=t.now + t.call.timings.info_idle))
    t.hold()


def listens_no_more(call: Call, now: float) -> bool:
    """Whether a caller has been silent after the information for too long."""
    return call.info is not None and call.info.until is not None and call.info.until <= now
