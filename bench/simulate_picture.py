"""The picture of what was simulated, beside theory's curves; in English and Bahasa Indonesia.

Knows matplotlib and Erlang's formulas. Does not know how the dots came about.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.erlang import erlang_a, mean_wait

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#d55e00", "#0b6aa2", "#00795c")
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "siaga112",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_WORDS = {
    "": {
        "waits": "Mean wait of patient callers",
        "wait": "seconds",
        "busy": "occupancy, %",
        "takers": "{} call-takers",
        "gives up": "Callers who give up: 3 call-takers",
        "lost": "% of calls",
        "hourly": "calls an hour",
        "note": "lines: Erlang-C and Erlang-A · dots: the router, simulated",
    },
    ".id": {
        "waits": "Rata-rata waktu tunggu penelepon yang sabar",
        "wait": "detik",
        "busy": "keterisian petugas, %",
        "takers": "{} petugas",
        "gives up": "Penelepon yang menyerah: 3 petugas",
        "lost": "% panggilan",
        "hourly": "panggilan per jam",
        "note": "garis: Erlang-C dan Erlang-A · titik: router, disimulasikan",
    },
}


class Dot(NamedTuple):
    """What was simulated for one demand."""

    takers: int
    load: float
    wait: float
    sure: float
    lost: float


def pictures(calm: Sequence[Dot], crowd: Sequence[Dot], handling: float, patience: float) -> dict[str, str]:
    """Draw waits and losses: file name to SVG, one a language."""
    drawn = {}
    for language, words in _WORDS.items():
        drawn[f"queue{language}.svg"] = _draw(words, calm, crowd, (handling, patience))
    return drawn


def _draw(
    words: dict[str, str], calm: Sequence[Dot], crowd: Sequence[Dot], times: tuple[float, float]
) -> str:
    from matplotlib import rc_context  # noqa: PLC0415 - slow to load, and only who draws needs it
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context(_STYLE):
        figure = Figure(figsize=(9.6, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        _waits(left, words, calm, times[0])
        _losses(right, words, crowd, times)
        figure.supxlabel(words["note"], fontsize=8, color="#4a5b6b")
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Title": words["waits"]})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _waits(axes: "Axes", words: dict[str, str], calm: Sequence[Dot], handling: float) -> None:
    busy = [n / 200 for n in range(80, 171)]
    for colour, takers in zip(_COLOURS, sorted({one.takers for one in calm}), strict=False):
        curve = [mean_wait(takers * x, takers, handling) for x in busy]
        axes.plot([100 * x for x in busy], curve, color=colour, label=words["takers"].format(takers))
        dots = [one for one in calm if one.takers == takers]
        axes.errorbar(
            [100 * one.load / takers for one in dots],
            [one.wait for one in dots],
            yerr=[one.sure for one in dots],
            fmt="o",
            color=colour,
            markersize=5,
            capsize=3,
        )
    axes.set(title=words["waits"], xlabel=words["busy"], ylabel=words["wait"], ylim=(0, None))
    axes.legend(frameon=False)


def _losses(axes: "Axes", words: dict[str, str], crowd: Sequence[Dot], times: tuple[float, float]) -> None:
    handling, patience = times
    dots = [one for one in crowd if one.takers == 3]
    hourly = [10 ** (n / 25) for n in range(25, 91)]
    curve = [100 * erlang_a(rate * handling / 3600, 3, handling, patience).lost for rate in hourly]
    axes.plot(hourly, curve, color=_COLOURS[1])
    found = [100 * one.lost for one in dots]
    axes.plot([one.load * 3600 / handling for one in dots], found, "o", color=_COLOURS[0], markersize=5)
    axes.set(
        title=words["gives up"], xlabel=words["hourly"], ylabel=words["lost"], xscale="log", ylim=(0, 100)
    )
    axes.set_xticks([10, 30, 100, 300, 1000, 3000], ["10", "30", "100", "300", "1000", "3000"])
    axes.minorticks_off()
