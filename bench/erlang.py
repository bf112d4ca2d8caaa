"""What queueing theory says of a centre: Erlang's formulas B, C and A, as recursions that bear any load.

Poisson arrivals, exponential handling, as many takers as there are, first come first served; in A the
callers' patience is exponential, too. Knows numbers only. `load` is arrivals times handling (in Erlang).
"""

import math
from dataclasses import dataclass

_LARGE = 1e200
"""Terms are scaled down before they leave what a float can hold; only their ratios matter."""
_NEGLIGIBLE = 1e-12
"""The sum of a tail ends where a term is so small beside what was summed."""


def erlang_b(load: float, takers: int) -> float:
    """The share of calls that find all takers busy where nobody waits."""
    blocked = 1.0
    for n in range(1, takers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, takers: int) -> float:
    """The share of calls that wait, where everybody is patient; 1 where the load is too much."""
    if load >= takers:
        return 1.0
    blocked, busy = erlang_b(load, takers), load / takers
    return blocked / (1 - busy * (1 - blocked))


def mean_wait(load: float, takers: int, handling: float) -> float:
    """The patient callers' mean wait, those who need not wait included; in the unit of `handling`."""
    return math.inf if load >= takers else erlang_c(load, takers) * handling / (takers - load)


def answered_within(load: float, takers: int, handling: float, within: float) -> float:
    """The share of patient callers who wait no longer than that: the service level."""
    if load >= takers:
        return 0.0
    return 1 - erlang_c(load, takers) * math.exp(-(takers - load) * within / handling)


@dataclass(frozen=True)
class Impatient:
    """A centre whose callers give up."""

    lost: float
    """The share of calls that give up."""
    waits: float
    """The share that waits."""
    in_system: float
    """How many callers are there on average, talking or waiting."""
    crowd_99: int
    """So many callers or fewer are there 99 % of the time."""


def erlang_a(load: float, takers: int, handling: float, patience: float) -> Impatient:
    """Erlang's model with callers who give up: sums over the number of callers who are there.

    That n are there is as likely as n - 1, times the arrival rate over the rate at which n of them leave.
    """
    arrivals, ends, leaves = load / handling, 1 / handling, 1 / patience
    term, terms, scaled = 1.0, [1.0], 1.0
    while term > _NEGLIGIBLE * scaled or len(terms) <= load:
        n = len(terms)
        term *= arrivals / (min(n, takers) * ends + max(0, n - takers) * leaves)
        terms.append(term)
        scaled += term
        if term > _LARGE:
            terms = [one / term for one in terms]
            scaled, term = scaled / term, 1.0
    share = [one / scaled for one in terms]
    queue = sum((n - takers) * p for n, p in enumerate(share) if n > takers)
    return Impatient(
        lost=queue * leaves / arrivals,
        waits=sum(share[takers:]),
        in_system=sum(n * p for n, p in enumerate(share)),
        crowd_99=_percentile(share, 0.99),
    )


def _percentile(share: list[float], wanted: float) -> int:
    summed = 0.0
    for n, p in enumerate(share):
        summed += p
        if summed >= wanted:
            return n
    return len(share) - 1


TARGETS = ((15.0, 0.90), (20.0, 0.95))
"""What a 112 centre aims at: 90 % within 15 s, 95 % within 20 s (NENA-STA-020.1-2020)."""


def takers_needed(load: float, handling: float) -> int:
    """The fewest takers, and at least two, that reach the targets."""
    takers = 2
    while any(answered_within(load, takers, handling, t) < share for t, share in TARGETS):
        takers += 1
    return takers
