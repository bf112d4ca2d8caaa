"""The core's vocabulary of values: identities, outcomes, results and prompts.

Knows nothing but names. The strings are the ones that operators see in tables, metrics and the API.
"""

from enum import IntEnum, StrEnum
from typing import Final, NewType

CallId = NewType("CallId", str)
AgentId = NewType("AgentId", str)
ChannelId = NewType("ChannelId", str)
LegId = NewType("LegId", int)

CALLER: Final = LegId(0)
"""The caller's leg; the others are numbered from 1, in the order in which they were rung."""


OVERFLOW: Final = AgentId("overflow")
"""Stands where an agent's name stands, for the plan's overflow target."""


class NumberSource(StrEnum):
    """Where the caller's number came from (RFC 3325 for `pai`)."""

    PAI = "pai"
    FROM = "from"
    NONE = "none"


class Outcome(StrEnum):
    """Where a call ended, decided by the machine; exactly one for each call."""

    REFUSED = "refused"
    ABANDONED_SETUP = "abandoned_setup"
    ABANDONED_IVR = "abandoned_ivr"
    SHORT_ABANDON = "short_abandon"
    ABANDONED_QUEUE = "abandoned_queue"
    ABANDONED_RINGING = "abandoned_ringing"
    ANSWERED = "answered"
    INFO_SELFSERVICE = "info_selfservice"
    OVERFLOWED = "overflowed"
    TRANSFERRED_REGION = "transferred_region"
    FAILED_TECHNICAL = "failed_technical"


class EndedBy(StrEnum):
    """Who ended the call."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


class ServedBy(StrEnum):
    """Who served the call: this daemon, or the dialplan's fallback."""

    DAEMON = "daemon"
    FALLBACK = "fallback"


class OfferResult(StrEnum):
    """How ringing one call-taker ended."""

    ANSWERED = "answered"
    RONA = "rona"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    RING_CANCELLED = "ring_cancelled"
    ANSWERED_ELSEWHERE = "answered_elsewhere"


class Why(StrEnum):
    """Why a leg is gone."""

    HUNG_UP = "hung_up"
    BUSY = "busy"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"
    """The line failed in the middle: media or transport timed out."""
    LEFT = "left"
    """The channel lives on in the dialplan, out of our hands."""
    VANISHED = "vanished"
    """It was gone when we looked again after an interruption."""


class Failure(StrEnum):
    """Why a command failed."""

    GONE = "gone"
    """What it was about does not exist any more (HTTP 404, 409, 422)."""
    LOST = "lost"
    """No answer in time, twice."""
    REFUSED = "refused"
    """Asterisk understood and would not."""


class Band(IntEnum):
    """How a call stands in the queue; the lower, the sooner."""

    NEED = 0
    """Cannot speak and said so, or was cut off in the middle of a talk."""
    NORMAL = 1
    INFORMATION = 2
    SUSPECT = 3
    """Nobody has been heard yet; a person listens all the same."""
    FLAGGED = 4
    """The number was misused; key 1 makes it a normal call."""


class QueueState(StrEnum):
    """How the queue stands towards others who may send calls here, or take some (NENA i3)."""

    ACTIVE = "active"
    DIVERSION_REQUESTED = "diversion_requested"
    """A mass event is on, or as many calls are here as may be: others should help."""
    INACTIVE = "inactive"
    """Nobody is on duty."""
    DISABLED = "disabled"
    """Nothing is decided here just now: Asterisk cannot be heard, or the daemon is being stopped."""


class Disposition(StrEnum):
    """What a call was, said by a person."""

    SILENT_ASSIST = "silent_assist"
    GHOST = "ghost"
    PRANK = "prank"
    INFORMATION = "information"


UNCLASSIFIED: Final = "unclassified"
"""The disposition of a call of which nobody has said what it was."""


class Purpose(StrEnum):
    """What somebody is invited into a talk for."""

    TRANSFER = "transfer"
    """To take the caller over."""
    JOIN = "join"
    """To be one more in the talk."""


class Refusal(StrEnum):
    """Why nothing came of a code that was pressed during a talk."""

    UNKNOWN = "unknown"
    """Nobody in the plan has this code."""
    BUSY = "busy"
    """That phone is in use."""
    UNREACHABLE = "unreachable"
    """That phone is not registered."""
    PRESENT = "present"
    """That one is in the talk already."""
    ANOTHER_RINGS = "another_rings"
    """Somebody else is being rung; one at a time."""
    FULL = "full"
    """So many are in the talk that nobody would understand a word."""


class Watching(StrEnum):
    """How a supervisor takes part in a talk without being rung; the first two name dialplan extensions."""

    LISTEN = "listen"
    WHISPER = "whisper"
    """Heard by the call-taker only."""
    BARGE = "barge"
    """Heard by everybody, as one more in the talk."""


class Suspicion(StrEnum):
    """Advice of the machine."""

    NONE = "none"
    SILENT_SUSPECT = "silent_suspect"
    GHOST_SUSPECT = "ghost_suspect"
    REPEAT_SUSPECT = "repeat_suspect"
    ABUSE_FLAGGED = "abuse_flagged"


class AudioClass(StrEnum):
    """What is on the caller's line, as the ear tells; the names are those of `audio.events`."""

    SPEAKING = "speaking"
    POSSIBLE_SPEECH = "possible_speech"
    NOISE_ONLY = "noise_only"
    SILENT = "silent"
    NO_AUDIO = "no_audio"
    DTMF_RESPONSE = "dtmf_response"
    TONE_MACHINE = "tone_machine"


class Sign(StrEnum):
    """How a caller showed that somebody is there."""

    WORD = "word"
    KEY = "key"
    SOUND = "sound"
    """A knock, a cough, a cry: right after they were asked for it."""


class Prompt(StrEnum):
    """What a caller or a call-taker may hear; the names of the sound files."""

    GREET = "greet"
    MENU = "menu"
    SURGE = "surge"
    FLAGGED = "flagged"
    SILENT_FIRST = "silent_1"
    SILENT_AGAIN = "silent_2"
    SILENT_OK = "silent_ok"
    INFO_MENU = "info_menu"
    INFO_END = "info_end"
    WHISPER_SILENT = "w_silent"
    WHISPER_SUSPECT = "w_suspect"
    WHISPER_FLAG = "w_flag"
    WAIT_FIRST = "wait_1"
    WAIT_AGAIN = "wait_n"
    RECONNECT = "reconnect"
    RECORDED = "rec"
    OVERFLOW = "overflow"
    HOLD = "hold"
    DESK_CALLING = "desk_calling"
    DESK_FAILED = "desk_failed"
    DESK_REFUSED = "desk_refused"


class Confirmation(StrEnum):
    """What a call-taker hears after a feature code; the names of the sound files."""

    READY = "agent_ready"
    PAUSED = "agent_paused"
    LOGGED_OUT = "agent_logged_out"
    WRAP_UP_ENDED = "agent_wrap_up_ended"
    UNKNOWN = "agent_unknown"
    SURGE_ON = "agent_surge_on"
    SURGE_OFF = "agent_surge_off"
    BLOCKED = "agent_blocked"
    UNBLOCKED = "agent_unblocked"
    NO_NUMBER = "agent_no_number"
    NOT_ALLOWED = "agent_not_allowed"
    NOT_TALKING = "agent_not_talking"
    STATE_READY = "agent_state_ready"
    STATE_PAUSED = "agent_state_paused"
    STATE_LOGGED_OUT = "agent_state_logged_out"
    STATE_ON_CALL = "agent_state_on_call"
    STATE_WRAP_UP = "agent_state_wrap_up"
    STATE_NOT_RESPONDING = "agent_state_not_responding"
