"""The order of the queue, read off journals: what is an overtaking, and what is not."""

from bench.ledger import Case, Line, level
from bench.turns import Rules, overtakings


def case(name: str, began: float, *lines: tuple[float, str], attempt: int = 1, band: int = 1) -> Case:
    """Make a call from what its journal says."""
    journal = [Line(began, "arrived", {"band": band})]
    for at, word in lines:
        kind, _, told = word.partition(" ")
        journal.append(Line(at, kind, {"band": told} if kind == "banded" else {"result": told}))
    picked = next((line.at for line in journal if line.data.get("result") == "answered"), None)
    ended = next((line.at for line in journal if line.kind == "ended"), None)
    outcome = "abandoned_queue" if picked is None else "answered"
    facts = (outcome, band, attempt, 0, "daemon", "none")
    return Case(f"{name} {began}", name, *facts, began, picked, ended, tuple(journal))


def answered(name: str, began: float, offered: float, **facts: int) -> Case:
    """Make a call that was picked up a second after it was offered."""
    done = ((offered, "offer_made"), (offered + 1, "offer_ended answered"), (offered + 9, "ended"))
    return case(name, began, *done, **facts)


def test_first_come_first_served() -> None:
    """Who came first is rung for first; else it is an overtaking."""
    assert not overtakings([answered("a", 0, 5), answered("b", 1, 6)], Rules())
    [(one, other, at)] = overtakings([answered("a", 0, 6), answered("b", 1, 5)], Rules())
    assert (one.number, other.number, at) == ("b", "a", 5)


def test_bands_and_age() -> None:
    """A lower band goes first; who has waited too long goes before all but the first band."""
    urgent = case("b", 1, (2, "banded 0"), (5, "offer_made"), (6, "ended"))
    assert not overtakings([answered("a", 0, 6), urgent], Rules())
    suspect = answered("s", 0, 50, band=3)
    assert overtakings([suspect, answered("b", 1, 49)], Rules()), "it had aged at 45"
    assert not overtakings([suspect, answered("b", 1, 44)], Rules())


def test_a_phone_that_was_not_picked_up_costs_no_place() -> None:
    """Whoever rang in vain waits again, at the old place."""
    rang = case("a", 0, (1, "offer_made"), (9, "offer_ended rona"), (12, "offer_made"), (13, "ended"))
    assert not overtakings([rang, answered("b", 2, 5)], Rules()), "it rang meanwhile"
    assert overtakings([rang, answered("b", 2, 10)], Rules())


def test_who_has_hung_up_waits_no_more() -> None:
    """What is still to be hung up for a caller who has gone stands in nobody's way."""
    rang = case("a", 0, (1, "offer_made"), (3, "leg_ended"), (3, "offer_ended ring_cancelled"), (6, "ended"))
    assert not overtakings([rang, answered("b", 2, 5)], Rules())


def test_who_tries_again_keeps_the_place() -> None:
    """The wait of an attempt that nobody answered counts."""
    first = case("a", 0, (3, "leg_ended"), (3, "ended"))
    again = answered("a", 10, 13, attempt=2)
    assert not overtakings([first, again, answered("b", 5, 14)], Rules())
    assert overtakings([first, again, answered("b", 5, 12)], Rules())


def test_in_a_flood_the_heard_go_first() -> None:
    """Who has spoken is never behind who has not, once the flood is known; before, they came first."""
    ghost = case("g", 0, (0, "listening_began"), (8, "offer_made"), (9, "ended"))
    caller = case("c", 2, (2, "listening_began"), (3, "voice_began"), (9, "offer_made"), (10, "ended"))
    assert not overtakings([ghost, caller], Rules())
    assert overtakings([ghost, caller], Rules(flood_from=5))


def test_levels() -> None:
    """Answered in time, of those who were answered or lost; a wait for a free call-taker can be stretched."""
    calls = [
        answered("a", 0, 1),
        answered("b", 0, 11),
        case("c", 0, (30, "ended")),
        case("d", 0, (2, "ended")),
    ]
    assert level(calls, 15) == 0.5
    assert level(calls, 15, gone=5) == 2 / 3
    assert level(calls, 15, gone=5, factor=10) == 1 / 3
    assert calls[1].stretched_s(10) == 111
