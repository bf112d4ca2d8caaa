"""The sorts of callers of the test matrix, and how often each comes; drawn in seconds.

Talk times and shares are those of the domain's matrix. A `factor` compresses time where it is not the
telephone's own: talks and gaps shrink, rings and prompts do not.
"""

from bench.crowd import Chance, Sort

_EARLY_MEDIAN = 5.0
"""Half of those who hang up before a call-taker is there do so within this time."""
PATIENCE = 60.0
"""How long others wait on average."""
_SHARES = {
    "typical": {"early": 35, "ghost": 16, "prank": 28, "info": 11, "emergency": 10},
    "jakarta": {"early": 58, "ghost": 8, "prank": 15, "info": 17, "emergency": 2},
}
_TALKS = {"early": (5, 10), "ghost": (15, 25), "prank": (20, 40), "info": (60, 120), "emergency": (90, 180)}


def mix(name: str, factor: float) -> list[tuple[Sort, float]]:
    """Give the sorts of a mix with their shares in percent."""
    return [(_sort(sort, factor), float(share)) for sort, share in _SHARES[name].items()]


def mean_talk(name: str) -> float:
    """Give the mean talk of those who wait for a call-taker, uncompressed."""
    stays = {sort: share for sort, share in _SHARES[name].items() if sort != "early"}
    return sum(share * sum(_TALKS[sort]) / 2 for sort, share in stays.items()) / sum(stays.values())


def stays(name: str) -> float:
    """Give the share of callers who wait for a call-taker."""
    return 1 - _SHARES[name]["early"] / 100


def _sort(name: str, factor: float) -> Sort:
    low, high = _TALKS[name]
    mean = _EARLY_MEDIAN / 0.693 if name == "early" else PATIENCE

    def talk(chance: Chance) -> float:
        return chance.uniform(low, high) / factor

    return Sort(name, talk, lambda chance: chance.expovariate(1 / mean))


def exponential(
    name: str, talk: float, patience: float, *, redials: float = 0.0, redial_after: float = 5.0
) -> Sort:
    """Give callers as in Erlang's formulas: every time is exponential, given by its mean."""
    return Sort(
        name,
        lambda chance: chance.expovariate(1 / talk),
        lambda chance: chance.expovariate(1 / patience),
        redials,
        redial_after,
    )
