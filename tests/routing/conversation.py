"""A test that reads as a conversation: `>>` says what happens, `<<` what must be done about it.

play() >> CallerEntered(CALL) << Answer << Play
"""

from collections.abc import Sequence

from siaga112.routing.arrival import Circumstances, arrive
from siaga112.routing.call import Call
from siaga112.routing.commands import Command
from siaga112.routing.entries import Entry, Journaled
from siaga112.routing.events import AgentChosen, CallArrived, CallEvent
from siaga112.routing.ids import call_id
from siaga112.routing.plan import IvrMode, Plan
from siaga112.routing.steps import step
from siaga112.routing.words import AgentId, ChannelId, NumberSource

CHANNEL = ChannelId("1760000000.1")
CALL = call_id("35.79", CHANNEL)
START = 1_760_000_000.0


class Conversation:
    """A call, what it was told, and what it wanted done that nobody has looked at yet."""

    def __init__(self, call: Call, commands: Sequence[Command], journal: Sequence[Journaled]) -> None:
        self.call = call
        self.now = START
        self.open = list(commands)
        self.journal = list(journal)

    def __rshift__(self, event: CallEvent) -> "Conversation":
        """Let something happen; everything that was to be done before must have been looked at."""
        assert not self.open, f"nobody expected {self.open}"
        done = step(self.call, event, self.now)
        self.call = done.call
        self.open += done.commands
        self.journal += done.journal
        return self

    def __lshift__(self, expected: type[Command] | Command) -> "Conversation":
        """Expect the next command, by its type or whole."""
        assert self.open, f"{expected} was expected, and nothing is to be done"
        command = self.open.pop(0)
        if isinstance(expected, type):
            assert isinstance(command, expected)
        else:
            assert command == expected
        return self

    def after(self, seconds: float) -> "Conversation":
        """Let time pass; nothing happens by itself."""
        self.now += seconds
        return self

    def ends_in(self, phase: type) -> None:
        """Nothing more is to be done, and the call is in this state."""
        assert not self.open, f"nobody expected {self.open}"
        assert isinstance(self.call.phase, phase)

    @property
    def last(self) -> Entry:
        """The latest journal entry."""
        return self.journal[-1].entry


def play(
    *, must_claim: bool = False, plan: Plan | None = None, about: Circumstances | None = None
) -> Conversation:
    """Begin with a call that has just arrived."""
    arrival = CallArrived(
        CALL,
        CHANNEL,
        "0811",
        NumberSource.PAI,
        restricted=False,
        dialled="112",
        recording=None,
        must_claim=must_claim,
    )
    done = arrive(arrival, plan or Plan("35.79", ivr=IvrMode.SHORT), START, about)
    return Conversation(done.call, done.commands, done.journal)


def chosen(agent: int) -> AgentChosen:
    """The router picked this agent."""
    return AgentChosen(CALL, AgentId(str(agent)), f"PJSIP/{agent}")
