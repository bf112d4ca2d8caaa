"""The charts of a report, as SVG to stand in a page.

Knows matplotlib, which only the page needs. Its text stays text, in the
page's own font, so that it can be searched and read aloud.
"""

import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from siaga112.report.evaluation import Evaluation
from siaga112.report.kpi import MARKS
from siaga112.report.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_SHOWN = 60
_BLUE, _ORANGE, _GREY, _GREEN = "#0b6aa2", "#d55e00", "#9aa5ad", "#00795c"
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "siaga112",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
}


def charts(one: Evaluation, words: Words, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Draw the charts: each its title and its SVG."""
    drawings: list[tuple[str, tuple[float, float], Callable[[Axes], None]]] = [
        ("weeks", (9.6, 2.9), lambda axes: _weeks(axes, one, words)),
        ("distribution", (9.6, 2.7), lambda axes: _answers(axes, one, words)),
        ("heat", (9.6, 2.6), lambda axes: _heat(axes, one, words)),
        ("classes", (9.6, 2.9), lambda axes: _classes(axes, one, words)),
    ]
    if one.takers:
        size = (9.6, 0.9 + 0.3 * len(one.takers))
        drawings.append(("takers", size, lambda axes: _takers(axes, one, words, names)))
    for number, (key, size, draw) in enumerate(drawings):
        yield words(key), _svg(f"c{number}", words(key), size, draw)


def _svg(name: str, title: str, size: tuple[float, float], draw: "Callable[[Axes], None]") -> str:
    from matplotlib import rc_context  # noqa: PLC0415 - only who draws needs it
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Title": title})
    return _apart(name, text.getvalue())


def _apart(name: str, svg: str) -> str:
    """Cut the prologue off, and give the drawing ids of its own: many stand in one page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    return svg.replace("<svg ", '<svg role="img" ', 1)


def _weeks(axes: "Axes", one: Evaluation, words: Words) -> None:
    found = list(one.weeks.values())
    places = range(len(found))
    answered = [week.answered for week in found]
    lost = [week.lost_before_human for week in found]
    other = [week.calls - a - b for week, a, b in zip(found, answered, lost, strict=True)]
    axes.bar(places, answered, color=_BLUE, label=words("answered_short"))
    axes.bar(places, lost, bottom=answered, color=_ORANGE, label=words("lost"))
    bottom = [a + b for a, b in zip(answered, lost, strict=True)]
    axes.bar(places, other, bottom=bottom, color=_GREY, label=words("other"))
    axes.set_xticks(places, [f"{day:%d.%m.}" for day in one.weeks], rotation=45 if len(found) > 20 else 0)
    axes.set_ylabel(words("number_of_calls"))
    levels = axes.twinx()
    for mark, colour, line in ((15, _GREEN, "-"), (20, "black", ":")):
        shares = [week.sl(mark).value for week in found]
        shown = [float("nan") if share is None else 100 * share for share in shares]
        levels.plot(places, shown, line, color=colour, marker=".", label=words("sl", mark))
    levels.set_ylim(0, 104)
    levels.set_ylabel("%")
    levels.spines["right"].set_visible(True)
    handles, labels = axes.get_legend_handles_labels()
    more = levels.get_legend_handles_labels()
    place: Any = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 5, "frameon": False}
    levels.legend([*handles, *more[0]], [*labels, *more[1]], **place)


def _answers(axes: "Axes", one: Evaluation, words: Words) -> None:
    shown = [min(seconds, _LONGEST_SHOWN + 0.5) for seconds in one.answer_seconds]
    axes.hist(shown, bins=range(_LONGEST_SHOWN + 2), color=_BLUE)
    for mark in MARKS:
        axes.axvline(mark, color=_ORANGE, linewidth=1.2)
        text = f" ≤ {mark} s: {one.total.sl(mark).text(words.comma)}"
        place = (mark, 1 - 0.12 * (MARKS.index(mark) + 1))
        axes.annotate(text, place, xycoords=("data", "axes fraction"), color="black")
    ticks = range(0, _LONGEST_SHOWN, 5)
    axes.set_xticks([*ticks, _LONGEST_SHOWN + 0.5], [*map(str, ticks), f"≥{_LONGEST_SHOWN}"])
    axes.set_xlim(0, _LONGEST_SHOWN + 1)
    axes.set_xlabel(words("seconds"))
    axes.set_ylabel(words("number_of_calls"))


def _heat(axes: "Axes", one: Evaluation, words: Words) -> None:
    counts = [[one.heat.get((day, hour), 0) for hour in range(24)] for day in range(7)]
    most = max(map(max, counts))
    axes.pcolormesh(counts, cmap="Blues", vmin=0, edgecolors="white")
    axes.invert_yaxis()
    for day, hours in enumerate(counts):
        for hour, count in enumerate(hours):
            colour = "white" if count > 0.6 * most else "black"
            axes.text(hour + 0.5, day + 0.5, str(count or ""), ha="center", va="center", color=colour)
    axes.set_xticks([hour + 0.5 for hour in range(24)], [f"{hour:02}" for hour in range(24)])
    axes.set_yticks([day + 0.5 for day in range(7)], words.weekdays)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _classes(axes: "Axes", one: Evaluation, words: Words) -> None:
    counts = {name: count for name, count in one.total.dispositions.items() if count}
    ordered = sorted(counts, key=lambda name: counts[name])
    bars = axes.barh([words(name) for name in ordered], [counts[name] for name in ordered], color=_BLUE)
    axes.bar_label(bars, [words.count(counts[name]) for name in ordered], padding=3)
    axes.set_xlabel(words("number_of_calls"))


def _takers(axes: "Axes", one: Evaluation, words: Words, names: dict[str, str]) -> None:
    agents = list(one.takers)[::-1]
    labels = [f"{agent} {names.get(agent, '')}".rstrip() for agent in agents]
    counts = {"answered_short": _BLUE, "rona": _ORANGE, "other": _GREY}
    left = [0] * len(agents)
    for name, colour in counts.items():
        found = [one.takers[agent] for agent in agents]
        parts = {
            "answered_short": [each.answered for each in found],
            "rona": [each.rona for each in found],
            "other": [each.offers - each.answered - each.rona for each in found],
        }[name]
        axes.barh(labels, parts, left=left, color=colour, label=words(name))
        left = [a + b for a, b in zip(left, parts, strict=True)]
    axes.set_xlabel(words("offers"))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
