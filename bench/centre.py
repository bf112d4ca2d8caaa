"""A centre of the test matrix: a lab with call-takers of several habits, and a crowd that calls it."""

import random
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.crowd import Crowd, Wave
from bench.ledger import Case, cases
from bench.puppets import Puppets
from bench.stage import Stage, empty_stage
from siaga112.lab.phones import Behaviour, Phone
from siaga112.lab.sounds import Sound

FIRST_SEAT = 101
_BACK_AFTER = 30.0
"""Seconds after which a call-taker who did not pick up is ready again."""


@dataclass(frozen=True)
class Desk:
    """Call-takers who pick up alike."""

    count: int
    after: float
    """Seconds of ringing."""
    picks_up: bool = True


@dataclass
class Run:
    """A centre while people call it, and what came of it."""

    stage: Stage
    crowd: Crowd
    phones: list[Phone]
    began: float

    def live(self, say: Callable[[str], None], waves: Sequence[Wave], patience: float = 60.0) -> None:
        """Let the waves of callers come."""
        self.began = time.time() + 0.5
        ends = self.crowd.add(waves, self.began)
        for phone in self.phones:
            if phone.behaviour == "noanswer":
                self._comes_back(phone, self.began + _BACK_AFTER, ends)
        self.crowd.run(say, ends, patience)

    def cases(self) -> list[Case]:
        """Read what PostgreSQL has of every caller."""
        called = [one.number for one in self.crowd.callers.values() if one.attempts]
        return cases(self.stage.lab.dsn, called, self.crowd.attempts)

    def metrics(self) -> str:
        """Ask the daemon for its metrics."""
        with urllib.request.urlopen(f"{self.stage.lab.http}/metrics", timeout=5) as answer:  # noqa: S310 - our own
            return str(answer.read().decode())

    def _comes_back(self, phone: Phone, at: float, ends: float) -> None:
        """Dial *11 now and then for who did not pick up; beside the crowd, as it takes a second."""

        def dial(now: float) -> None:
            threading.Thread(target=lambda: phone.dial("*11", listen=False), daemon=True).start()
            if now < ends:
                self._comes_back(phone, now + _BACK_AFTER, ends)

        self.crowd.at(at, dial)


@contextmanager
def centre(  # noqa: PLR0913 - what makes a centre, and most of it with a default
    say: Callable[[str], None],
    desks: Sequence[Desk],
    sounds: Mapping[str, Sound | None],
    *,
    seed: int,
    timings: Mapping[str, float],
    folder: Path | None = None,
) -> Iterator[Run]:
    """Open a centre.

    Args:
        say: Is told what is being done.
        desks: The call-takers.
        sounds: What each sort of callers says; None sends no audio.
        seed: Of all that is drawn.
        timings: The plan's.
        folder: The lab's.
    """
    seats = [str(FIRST_SEAT + n) for n in range(sum(one.count for one in desks))]
    with ExitStack() as stack:
        ready = stack.enter_context(empty_stage(say, folder, timings=timings, seats=seats, events=True))
        say(f"{len(seats)} call-takers …")
        phones = [stack.enter_context(one) for one in _phones(ready, desks, seats)]
        for phone in phones:
            phone.dial("*11")
        players = {sound: stack.enter_context(Puppets(ready.ground, sound)) for sound in set(sounds.values())}
        stages = {sort: players[sound] for sort, sound in sounds.items()}
        chance = random.Random(seed)  # noqa: S311 - a repeatable demand, not a secret
        yield Run(ready, Crowd(stages, phones, chance), phones, time.time())


def _phones(ready: Stage, desks: Sequence[Desk], seats: Sequence[str]) -> Iterator[Phone]:
    left = list(seats)
    for desk in desks:
        mine, left = left[: desk.count], left[desk.count :]
        behaviour: Behaviour = "answers" if desk.picks_up else "noanswer"
        yield Phone(ready.ground, mine, behaviour=behaviour, answer_after=desk.after)
