"""The sections of a report as rows of text, the same for a terminal and a page.

Knows the figures and their words. Does not know how rows are drawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from siaga112.report.agencies import AgencyFigures
from siaga112.report.evaluation import Evaluation
from siaga112.report.kpi import MARKS, Figures, Ratio
from siaga112.report.words import Words

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the names of columns, and rows; the first column is text, the others are numbers."""

    key: str
    title: str
    columns: Row
    rows: tuple[Row, ...]
    apart: bool = False
    """On paper it begins a page: it is for somebody else."""


def sections(one: Evaluation, words: Words, names: dict[str, str]) -> Iterator[Section]:
    """List the sections; `names` are the call-takers' and the agencies'."""
    head = (words("figure"), words("value"), words("n"))
    yield Section("summary", words("summary"), head, tuple(_summary(one, words)))
    yield Section("speed", words("speed"), head, tuple(_speed(one, words)))
    yield _shares("bucket", words("bucket"), one.total.buckets, one.total.ended, words)
    yield _shares("class", words("classes"), one.total.dispositions, one.total.ended, words)
    yield _shares("outcome", words("outcomes"), one.total.outcomes, one.total.ended, words)
    yield _groups("week", "weeks", {words.day(day): found for day, found in one.weeks.items()}, words)
    if one.shifts:
        yield _groups("shift", "shifts", dict(one.shifts), words)
    yield _takers(one, words, names)
    yield _longest(one, words)
    if one.agencies:
        named = {_named(agency, names): found for agency, found in one.agencies.items()}
        yield _agencies("agencies", words("agencies"), words("agency"), named, words)


def for_agencies(one: Evaluation, words: Words, names: dict[str, str]) -> Iterator[Section]:
    """List a section for each agency, for its own leadership: its weeks and the whole period."""
    for agency, weeks in one.agency_weeks.items():
        rows = {words.day(day): found for day, found in weeks.items()}
        rows |= {words("whole_period"): one.agencies[agency]}
        title = f"{words('agency')}: {_named(agency, names)}"
        yield replace(_agencies(f"agency-{agency}", title, words("week"), rows, words), apart=True)


def _agencies(key: str, title: str, first: str, groups: Mapping[str, AgencyFigures], words: Words) -> Section:
    names = ("asked", "answered_short", "share", "answer_p50", "answer_p90")
    rows = tuple(
        (
            name,
            words.count(found.asked),
            words.count(found.answered.part),
            found.answered.text(words.comma),
            words.seconds(found.answer.p50),
            words.seconds(found.answer.p90),
        )
        for name, found in groups.items()
    )
    return Section(key, title, (first, *(words(name) for name in names)), rows)


def _named(key: str, names: dict[str, str]) -> str:
    return f"{key} {names.get(key, '')}".rstrip()


def _summary(one: Evaluation, words: Words) -> Iterator[Row]:
    total = one.total
    for name in ("calls", "test_calls", "in_progress", "queued", "answered", "abandoned"):
        yield words(name), words.count(getattr(total, name)), ""
    yield _ratio("fallback", one.fallback, words)
    for name, ratio in total.rates.items():
        yield _ratio(name, ratio, words)
    yield _ratio("classification_rate", total.classification_rate, words)
    for name, count in total.silent.items():
        yield words(name), words.count(count), words.count(total.silent["silent_suspected"])
    yield words("availability"), words.share(one.availability), ""
    yield words("flawed"), words.count(one.total.flawed), ""


def _speed(one: Evaluation, words: Words) -> Iterator[Row]:
    total, n = one.total, words.count(one.total.answer.n)
    for kind in ("sl", "sl_strict", "sl_raw"):
        for mark in MARKS:
            ratio: Ratio = getattr(total, kind)(mark)
            yield words(kind, mark), ratio.text(words.comma), words.count(ratio.whole)
    spread = {
        "answer_mean": total.answer.mean,
        "answer_p50": total.answer.p50,
        "answer_p90": total.answer.p90,
        "answer_p99": total.answer.p99,
        "answer_slowest": total.answer.slowest_decile,
    }
    for name, value in spread.items():
        yield words(name), words.seconds(value), n
    means = {"wait_mean": total.wait_mean_s, "ring_mean": total.ring_mean_s, "talk_mean": total.talk_mean_s}
    for name, value in (means | {"aht": one.aht_s}).items():
        yield words(name), words.seconds(value), words.count(total.answered)


def _ratio(name: str, ratio: Ratio, words: Words) -> Row:
    return words(name), ratio.text(words.comma), words.count(ratio.whole)


def _shares(key: str, title: str, counts: dict[str, int], whole: int, words: Words) -> Section:
    rows = tuple(
        (words(name), words.count(count), Ratio(count, whole).text(words.comma))
        for name, count in counts.items()
    )
    return Section(key, title, (words("class"), words("calls"), words("share")), rows)


def _groups(key: str, title: str, groups: dict[str, Figures], words: Words) -> Section:
    columns = (words(key), words("calls"), words("answered_short"), words("abandoned"))
    marks = tuple(words("sl", mark) for mark in MARKS)
    rows = tuple(
        (
            name,
            *(words.count(value) for value in (found.calls, found.answered, found.abandoned)),
            *(found.sl(mark).text(words.comma) for mark in MARKS),
            words.seconds(found.answer.p90),
            found.rates["pre_human_loss"].text(words.comma),
        )
        for name, found in groups.items()
    )
    return Section(key, words(title), (*columns, *marks, words("answer_p90"), words("pre_human_loss")), rows)


def _takers(one: Evaluation, words: Words, names: dict[str, str]) -> Section:
    columns = (
        "taker logged_in present utilisation occupancy offers answered_short rona rona_rate talk_mean aht"
    )
    rows = tuple(
        (
            _named(agent, names),
            words.duration(found.logged_in_s),
            words.duration(found.present_s),
            words.share(found.utilisation),
            words.share(found.occupancy),
            *(words.count(value) for value in (found.offers, found.answered, found.rona)),
            found.rona_rate.text(words.comma),
            words.seconds(found.talk_mean_s),
            words.seconds(found.aht_s),
        )
        for agent, found in one.takers.items()
    )
    return Section("takers", words("takers"), tuple(words(name) for name in columns.split()), rows)


def _longest(one: Evaluation, words: Words) -> Section:
    rows = tuple(
        (
            words.moment(call.started_at.astimezone(one.period.zone)),
            words.seconds(call.waited_s),
            words(str(call.outcome)),
            call.agent_id or "",
            call.call_id,
        )
        for call in one.longest
    )
    columns = ("arrived", "waited", "outcome", "taker", "call_id")
    return Section("longest", words("longest"), tuple(words(name) for name in columns), rows)
