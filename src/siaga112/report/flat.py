"""An evaluation as data: JSON with every figure, and CSV with one figure a line.

Knows the figures' names, which are the columns of the views where there is one. Rounds nothing.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from siaga112.report.agencies import AgencyFigures
from siaga112.report.evaluation import Evaluation
from siaga112.report.kpi import MARKS, Figures, Ratio, Times
from siaga112.report.takers import TakerFigures


def as_json(one: Evaluation) -> str:
    """Write everything as one JSON object."""
    return json.dumps(as_data(one), indent=2, ensure_ascii=False) + "\n"


def as_csv(one: Evaluation) -> str:
    """Write one line a figure: where it belongs, its name, its value, and for a ratio of how many."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(("section", "item", "figure", "value", "part", "of"))
    data = as_data(one)
    for section in ("total", "weeks", "shifts", "takers", "agencies"):
        groups = {"": data[section]} if section == "total" else data[section]
        for item, found in groups.items():
            lines.writerows((section, item, *line) for line in _lines(found))
    for place in data["heat"]:
        lines.writerow(("heat", f"{place['weekday']} {place['hour']:02}", "calls", place["calls"], "", ""))
    for call in data["longest"]:
        lines.writerow(("longest", call["call_id"], "waited_s", call["waited_s"], "", ""))
    return text.getvalue()


def as_data(one: Evaluation) -> dict[str, Any]:
    """Give every figure as JSON values."""
    period, total = one.period, figures_data(one.total)
    total |= {
        "aht_s": one.aht_s,
        "ready_s": one.ready_s,
        "elapsed_s": one.elapsed_s,
        "availability": one.availability,
        "flawed": one.total.flawed,
    }
    return {
        "centre": period.centre,
        "name": period.name,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "time_zone": period.zone.key,
        "made_at": one.now.astimezone(UTC).isoformat(),
        "total": total,
        "weeks": {day.isoformat(): figures_data(found) for day, found in one.weeks.items()},
        "shifts": {name: figures_data(found) for name, found in one.shifts.items()},
        "takers": {agent: taker_data(found) for agent, found in one.takers.items()},
        "agencies": {
            agency: agency_data(found)
            | {
                "weeks": {
                    day.isoformat(): agency_data(week) for day, week in one.agency_weeks[agency].items()
                }
            }
            for agency, found in one.agencies.items()
        },
        "heat": [
            {"weekday": day, "hour": hour, "calls": calls} for (day, hour), calls in sorted(one.heat.items())
        ],
        "longest": [
            {
                "call_id": call.call_id,
                "started_at": call.started_at.astimezone(UTC).isoformat(),
                "waited_s": call.waited_s,
                "outcome": call.outcome,
                "agent_id": call.agent_id,
            }
            for call in one.longest
        ],
    }


def figures_data(one: Figures) -> dict[str, Any]:
    """Give the figures of some calls."""
    names = (
        "calls test_calls in_progress ended queued answered abandoned fallback lost_before_human offers rona"
    )
    found: dict[str, Any] = {name: getattr(one, name) for name in names.split()}
    for mark in MARKS:
        found[f"answered_{mark}"] = one.answered_within[mark]
    for kind in ("sl", "sl_strict", "sl_raw"):
        found |= {f"{kind}_{mark}": _ratio(getattr(one, kind)(mark)) for mark in MARKS}
    found |= {name: _ratio(ratio) for name, ratio in one.rates.items()}
    found |= _times(one.answer)
    found |= {
        name: getattr(one, name) for name in ("wait_mean_s", "wait_max_s", "ring_mean_s", "talk_mean_s")
    }
    found["classification_rate"] = _ratio(one.classification_rate)
    found |= one.silent
    found["outcomes"], found["dispositions"] = one.outcomes, one.dispositions
    found["buckets"] = one.buckets
    return found


def taker_data(one: TakerFigures) -> dict[str, Any]:
    """Give the figures of a call-taker."""
    names = "logged_in_s present_s utilisation occupancy offers answered rona ring_mean_s talk_mean_s talk_s"
    found = {name: getattr(one, name) for name in (*names.split(), "aht_s")}
    return found | one.seconds | {"rona_rate": _ratio(one.rona_rate)}


def agency_data(one: AgencyFigures) -> dict[str, Any]:
    """Give the figures of an agency."""
    found = {name: _times(one.answer)[name] for name in ("answer_p50_s", "answer_p90_s")}
    return {"asked": one.asked, "answered": _ratio(one.answered)} | found


def _times(one: Times) -> dict[str, Any]:
    return {
        "answer_n": one.n,
        "asa_s": one.mean,
        "answer_p50_s": one.p50,
        "answer_p90_s": one.p90,
        "answer_p99_s": one.p99,
        "answer_max_s": one.longest,
        "answer_slowest_decile_s": one.slowest_decile,
    }


def _ratio(ratio: Ratio) -> dict[str, Any]:
    return {"part": ratio.part, "of": ratio.whole, "value": ratio.value, "text": ratio.text()}


def _lines(found: dict[str, Any], before: str = "") -> Iterator[tuple[Any, ...]]:
    for name, value in found.items():
        if isinstance(value, dict) and "of" in value:
            yield before + name, value["value"], value["part"], value["of"]
        elif isinstance(value, dict):
            yield from _lines(value, f"{name}.")
        else:
            yield before + name, value, "", ""
