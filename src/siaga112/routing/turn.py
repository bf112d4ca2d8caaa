"""One step of one call in the making: the call so far, the commands and the journal entries.

A step works on a `Turn` so that the functions of `steps` read as sentences; nothing of it outlives the step,
and `steps.step` stays a function of its arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from siaga112.routing import ids
from siaga112.routing.call import Call, Hearing, Holding, Silence
from siaga112.routing.change import changed
from siaga112.routing.commands import Announce, Command, Hangup, Lease, Play, StartHold, StopPlay
from siaga112.routing.entries import Entry, Journaled, LegEnded, PromptStarted
from siaga112.routing.events import Asked
from siaga112.routing.legs import AgentLeg, Presence, Stage
from siaga112.routing.plan import LEASE
from siaga112.routing.words import CALLER, LegId, Why

_AFTER_PROMPT = 1.0
"""Seconds after which a lease that had to wait for a prompt is tried again."""

_ANNOUNCING = 2.0
"""Seconds that a word to those who talk takes."""


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a call, what to do, and what to write down."""

    call: Call
    commands: tuple[Command, ...]
    journal: tuple[Journaled, ...]
    asked: Asked | None = None
    """Whom the router must look up: it answers with `TargetNamed`."""


class Turn:
    """The call as it becomes during one step at the time `now`."""

    def __init__(self, call: Call, now: float) -> None:
        self.call = call
        self.now = now
        self.commands: list[Command] = []
        self.journal: list[Journaled] = []
        self.asked: Asked | None = None
        """Whom the router must look up before the call can go on."""

    def done(self) -> Step:
        """Say what came of it."""
        return Step(self.call, tuple(self.commands), tuple(self.journal), self.asked)

    def do(self, *commands: Command) -> None:
        """Have these commands carried out, in this order."""
        self.commands += commands

    def note(self, *entries: Entry) -> None:
        """Write these entries into the call's journal."""
        for entry in entries:
            seq = self.call.journaled + 1
            self.journal.append(Journaled(self.call.id, seq, self.now, entry))
            self.set(journaled=seq)

    def set(self, **changes: Any) -> None:
        """Change fields of the call."""
        self.call = changed(self.call, changes)

    # What the caller hears.

    def play(self, prompt: str) -> None:
        """Let the caller hear a prompt instead of anything else."""
        self.hush()
        call, n = self.call, self.call.prompts + 1
        self.do(Play(call.id, call.caller.channel_id, n, prompt, call.language))
        self.note(PromptStarted(n, prompt))
        self.set(prompts=n, playing=(*call.playing, n), sound=Hearing(n))

    def brief(self, leg: AgentLeg, prompt: str, until: float) -> None:
        """Let a call-taker who picked up hear a word about the caller."""
        call, n = self.call, self.call.prompts + 1
        self.do(Play(call.id, ids.agent_channel(call.id, leg.leg), n, prompt, call.language))
        self.note(PromptStarted(n, prompt))
        self.set(prompts=n)
        self.change_leg(leg.leg, stage=Stage.BRIEFED, until=until, briefing=n)

    def answer_keys(self, prompt: str) -> None:
        """Let who pressed a code hear what came of it; one word at a time, however many keys are pressed."""
        before = self.call.announced_at
        if before is None or self.now - before >= _ANNOUNCING:
            self.announce(prompt)

    def announce(self, prompt: str) -> None:
        """Let those who talk hear a word."""
        call, n = self.call, self.call.prompts + 1
        self.do(Announce(call.id, n, prompt, call.language))
        self.note(PromptStarted(n, prompt))
        self.set(prompts=n, announced_at=self.now)

    def hold(self) -> None:
        """Let the caller hear the hold sound."""
        self.do(StartHold(self.call.id, self.call.caller.channel_id))
        self.set(sound=Holding())

    def hush(self) -> None:
        """End whatever the caller hears from us."""
        match self.call.sound:
            case Hearing(n):
                self.do(StopPlay(self.call.id, n))
            case Holding() | Silence():
                pass  # The hold sound gives way by itself.
        self.set(sound=Silence())

    def hush_for_sure(self) -> None:
        """End every prompt that may still play: what we said of it, or heard of it, may be lost."""
        self.do(*(StopPlay(self.call.id, n) for n in self.call.playing))
        self.set(sound=Silence())

    def lease(self, seconds: int) -> None:
        """Say after how many silent seconds of ours the dialplan takes the caller back."""
        self.do(Lease(self.call.id, self.call.caller.channel_id, seconds))

    def keep_touch(self) -> bool:
        """Renew the lease of a caller who is spoken to now and then; say whether a word fits just now.

        Asterisk makes the lease wait for a prompt that plays, and every other request behind it: so not now.
        """
        if isinstance(self.call.sound, Hearing):
            self.set(speak_at=self.now + _AFTER_PROMPT)
            return False
        self.set(speak_at=self.now + self.call.timings.wait_prompt)
        self.lease(LEASE)
        return True

    # The legs.

    def change_leg(self, leg: LegId, **changes: Any) -> None:
        """Change one agent leg."""
        self.set(legs=tuple(replace(x, **changes) if x.leg == leg else x for x in self.call.legs))

    def hang_up(self, leg: AgentLeg, *, elsewhere: bool = False) -> None:
        """Hang an agent leg up; repeated at its deadline until it is gone."""
        channel = ids.agent_channel(self.call.id, leg.leg)
        self.do(Hangup(self.call.id, leg.leg, channel, elsewhere))
        self.change_leg(leg.leg, stage=Stage.DYING, until=self.now + self.call.timings.clearing)

    def hang_up_caller(self) -> None:
        """Hang the caller up: only ever after a person, theirs or ours, has ended the talk."""
        self.do(Hangup(self.call.id, CALLER, self.call.caller.channel_id))
        self.set(presence=Presence.LEAVING)

    def lose_leg(self, leg: AgentLeg, why: Why, cause: int | None) -> None:
        """Note that an agent leg is gone."""
        self.note(LegEnded(leg.leg, why, cause, leg.agent_id))
        self.set(legs=tuple(one for one in self.call.legs if one.leg != leg.leg))

    def lose_caller(self, why: Why, cause: int | None) -> None:
        """Note that the caller's leg is gone."""
        if self.call.presence is not Presence.GONE:
            self.note(LegEnded(CALLER, why, cause, None))
            self.set(presence=Presence.GONE, cause=cause)

    def live(self, wanted: Callable[[AgentLeg], bool] = lambda _: True) -> list[AgentLeg]:
        """List the agent legs that we have not hung up."""
        return [x for x in self.call.legs if x.stage is not Stage.DYING and wanted(x)]
