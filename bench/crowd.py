"""Who calls when, how long they stay, and who tries again: a demand by chance, carried out by puppets.

A caller gives up when nobody has picked up within their patience, and may try again; a talk lasts as long as
the caller's business takes. Knows callers and the phones' logs. Does not know Asterisk, nor what is measured.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from bench.puppets import Puppets
from siaga112.lab.phones import Phone

_POLL_S = 0.02
Chance = random.Random


@dataclass(frozen=True)
class Sort:
    """A sort of callers; what is drawn is in seconds."""

    name: str
    talk: Callable[[Chance], float]
    patience: Callable[[Chance], float]
    redials: float = 0.0
    """With what probability somebody who gave up tries again."""
    redial_after: float = 5.0
    """Mean seconds until then."""


@dataclass
class Caller:
    """One caller: what was drawn, and what became of each attempt."""

    number: str
    sort: Sort
    attempts: int = 0
    talking: bool = False
    ended: bool = True
    reached: bool = False
    """A person picked up, in any attempt."""
    called_at: float = 0.0
    """The last attempt."""


@dataclass(frozen=True)
class Wave:
    """So long, so many calls an hour, of these sorts with these weights."""

    seconds: float
    hourly: float
    sorts: Sequence[tuple[Sort, float]]

    def draw(self, chance: Chance, begin: float) -> Iterator[tuple[float, Sort]]:
        """Draw who comes when: a Poisson process."""
        sorts, weights = zip(*self.sorts, strict=True)
        at = begin + chance.expovariate(self.hourly / 3600)
        while at < begin + self.seconds:
            yield at, chance.choices(sorts, weights)[0]
            at += chance.expovariate(self.hourly / 3600)


@dataclass
class Crowd:
    """Callers of several waves, told by the clock and by what happens what to do next.

    Args:
        stages: Which puppets play which sort.
        phones: The call-takers' phones, whose logs say who was picked up.
        chance: Where all that is drawn comes from.
    """

    stages: dict[str, Puppets]
    phones: Sequence[Phone]
    chance: Chance
    callers: dict[str, Caller] = field(default_factory=dict)
    attempts: int = 0
    _coming: int = 0
    """Calls that are still to begin."""
    _diary: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _seen: list[int] = field(default_factory=list)

    def add(self, waves: Sequence[Wave], begin: float) -> float:
        """Draw the callers of these waves, one wave after the other; returns when the last wave ends."""
        first = random.SystemRandom().randrange(10_000_000, 99_000_000)
        for wave in waves:
            for at, sort in wave.draw(self.chance, begin):
                caller = Caller(f"0813{first + len(self.callers):08d}", sort)
                self.callers[caller.number] = caller
                self._calls(caller, at)
            begin += wave.seconds
        return begin

    def at(self, when: float, do: Callable[[float], None]) -> None:
        """Have something done at a time of `time.time()`."""
        heappush(self._diary, (when, next(self._order), do))

    def run(self, say: Callable[[str], None], until: float, patience: float = 60.0) -> None:
        """Live through it; whoever is still there a while after the end hangs up."""
        while time.time() < until or not self._quiet(until + patience):
            now = time.time()
            while self._diary and self._diary[0][0] <= now:
                heappop(self._diary)[2](now)
            self._listen(time.time())
            left = max(0.0, until - now)
            here = sum(not one.ended for one in self.callers.values())
            say(f"{self.attempts} calls so far, {here} there, {left:.0f} s to go")
            time.sleep(_POLL_S)

    def _quiet(self, last: float) -> bool:
        now = time.time()
        if now > last:
            for one in self.callers.values():
                if not one.ended:
                    self._hangs_up(one)
        return now > last or (not self._coming and all(one.ended for one in self.callers.values()))

    def _calls(self, who: Caller, at: float) -> None:
        def call(now: float) -> None:
            self._coming -= 1
            who.attempts += 1
            who.talking, who.ended, who.called_at = False, False, now
            self.attempts += 1
            self.stages[who.sort.name].call(who.number, who.attempts)
            attempt, patience = who.attempts, who.sort.patience(self.chance)
            self.at(now + patience, lambda now: self._gives_up(who, attempt, now))

        self._coming += 1
        self.at(at, call)

    def _gives_up(self, who: Caller, attempt: int, now: float) -> None:
        if who.talking or who.ended or who.attempts != attempt:
            return
        self._hangs_up(who)
        if self.chance.random() < who.sort.redials:
            self._calls(who, now + self.chance.expovariate(1 / who.sort.redial_after))

    def _hangs_up(self, who: Caller) -> None:
        self.stages[who.sort.name].hang_up(who.number, who.attempts)
        who.ended = True

    def _listen(self, now: float) -> None:
        self._seen = self._seen or [0] * len(self.phones)
        for n, phone in enumerate(self.phones):
            heard = phone.heard("answered")
            for number in heard[self._seen[n] :]:
                self._picked_up(number, now)
            self._seen[n] = len(heard)
        for stage in set(map(id, self.stages.values())):
            puppets = next(one for one in self.stages.values() if id(one) == stage)
            for word, number in puppets.news():
                if word == "far_end_hung_up" and number in self.callers:
                    self.callers[number].ended = True

    def _picked_up(self, number: str, now: float) -> None:
        who = self.callers.get(number)
        if who is None or who.ended:
            return
        who.talking = who.reached = True
        attempt, talk = who.attempts, who.sort.talk(self.chance)

        def hang_up(_: float) -> None:
            if not who.ended and who.attempts == attempt:
                self._hangs_up(who)

        self.at(now + talk, hang_up)
