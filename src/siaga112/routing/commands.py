"""What the core wants done: its output, imperative. The counterpart of `events`.

A command is safe to repeat, because every id in it was chosen by us. The outcome comes back as events, or
as `CommandFailed`.
"""

from dataclasses import dataclass

from siaga112.routing.words import AgentId, CallId, ChannelId, Confirmation, LegId, Watching


@dataclass(frozen=True, slots=True)
class Claim:
    """Take the call that the dialplan holds out to us."""

    call_id: CallId
    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the caller (200 OK)."""

    call_id: CallId
    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class Play:
    """Play the n-th prompt to the caller, or to a call-taker before the talk."""

    call_id: CallId
    channel_id: ChannelId
    n: int
    prompt: str
    language: str


@dataclass(frozen=True, slots=True)
class Announce:
    """Play the n-th prompt to everybody who is in the call's bridge."""

    call_id: CallId
    n: int
    prompt: str
    language: str


@dataclass(frozen=True, slots=True)
class StopPlay:
    """Cut the n-th prompt short."""

    call_id: CallId
    n: int


@dataclass(frozen=True, slots=True)
class StartHold:
    """Let the caller hear the hold sound, until a prompt or a talk begins."""

    call_id: CallId
    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class Lease:
    """Let the dialplan take the caller back after so many seconds without us; 0: never."""

    call_id: CallId
    channel_id: ChannelId
    seconds: int


@dataclass(frozen=True, slots=True)
class Originate:
    """Ring a phone, an agent's or an agency's; the answered channel comes to us."""

    call_id: CallId
    leg: LegId
    agent_id: AgentId
    endpoint: str
    caller_channel: ChannelId
    caller_number: str | None
    timeout: int


@dataclass(frozen=True, slots=True)
class Hangup:
    """End a leg; `elsewhere` tells the phone that another one answered."""

    call_id: CallId
    leg: LegId
    channel_id: ChannelId
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Connect:
    """Make the call's bridge and put these channels into it."""

    call_id: CallId
    channels: tuple[ChannelId, ...]


@dataclass(frozen=True, slots=True)
class Unbridge:
    """Take a channel out of the call's bridge; it stays in our hands."""

    call_id: CallId
    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class DropBridge:
    """Remove the call's bridge."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the caller back to the dialplan: at its fallback, or where no phone rings until a key."""

    call_id: CallId
    channel_id: ChannelId
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Confirm:
    """Speak a confirmation to a phone that dialled a feature code, then end that call."""

    channel_id: ChannelId
    confirmation: Confirmation


@dataclass(frozen=True, slots=True)
class Watch:
    """Let a phone that dialled a code hear a talk, and be heard by the call-taker if it is to whisper."""

    channel_id: ChannelId
    watching: Watching
    watched: ChannelId


@dataclass(frozen=True, slots=True)
class Dismiss:
    """End the call of a phone that dialled a code."""

    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class Admit:
    """Let a phone that dialled a code into the call's bridge, as one more who talks."""

    call_id: CallId
    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class Tap:
    """Let the ear hear the caller, for the n-th time in this call; silence is no news before `decides_at`."""

    call_id: CallId
    channel_id: ChannelId
    n: int
    decides_at: float


@dataclass(frozen=True, slots=True)
class Untap:
    """Let the ear hear the caller no more; without `hang_up` where the tap ends by itself."""

    call_id: CallId
    n: int
    hang_up: bool = True


@dataclass(frozen=True, slots=True)
class Beep:
    """Let a call-taker, and nobody else in the talk, hear a soft tone."""

    call_id: CallId
    leg: LegId
    channel_id: ChannelId


CallCommand = (
    Claim
    | Answer
    | Play
    | Announce
    | StopPlay
    | StartHold
    | Lease
    | Originate
    | Hangup
    | Connect
    | Unbridge
    | DropBridge
    | HandOver
    | Admit
    | Tap
    | Untap
    | Beep
)
"""A command about one call; its failure is that call's business."""

DeskCommand = Confirm | Watch | Dismiss
"""A command about a phone that dialled a code; its failure is nobody's business."""

Command = CallCommand | DeskCommand
