"""The report as one page of HTML that needs nothing else: its charts and its style are in it.

Knows HTML and CSS. Prints on A4: no chart and no table row is cut in two.
"""

from collections.abc import Iterator
from html import escape

from siaga112 import __version__
from siaga112.report.charts import charts
from siaga112.report.evaluation import Evaluation
from siaga112.report.sections import Section, for_agencies, sections
from siaga112.report.words import Words

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #16212b; background: #fff;
       max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
header p { margin: .2rem 0; color: #45535f; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .7rem;
         margin: 1.2rem 0; }
.card { border: 1px solid #ccd5dc; border-top: 4px solid #0b6aa2; border-radius: 4px; padding: .5rem .7rem; }
.card b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.card span { color: #45535f; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid #dfe5ea;
         font-variant-numeric: tabular-nums; }
td { white-space: nowrap; } th:first-child { text-align: left; } tbody th { font-weight: 500; }
thead th { border-bottom: 2px solid #45535f; vertical-align: bottom; }
figure { margin: 0; } figure svg { width: 100%; height: auto; }
footer { margin-top: 2rem; color: #45535f; font-size: .85rem; }
@page { size: A4; margin: 14mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .wide { overflow: visible; } table { font-size: 8.5pt; } th, td { padding: .2rem .25rem; }
  h2 { break-after: avoid; } section, figure, tr, .card { break-inside: avoid; }
  thead { display: table-header-group; } .apart { break-before: page; }
  .card { border-top-color: #000; }
}
"""


def as_page(one: Evaluation, words: Words, names: dict[str, str]) -> str:
    """Write the page."""
    period = one.period
    title = f"{words('title')}: {period.name}"
    drawn = dict(charts(one, words, names))
    parts = [
        "<!doctype html>",
        f'<html lang="{words.language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<header><h1>{escape(title)}</h1>",
        *(f"<p>{escape(line)}</p>" for line in heading(one, words)),
        "</header><main>",
        _cards(one, words),
        f"<p>{escape(words('note'))}</p>",
    ]
    for title, svg in drawn.items():
        parts.append(f"<section><h2>{escape(title)}</h2><figure>{svg}</figure></section>")
    tables = (*sections(one, words, names), *for_agencies(one, words, names))
    parts += [_table(section) for section in tables]
    parts.append(f"</main><footer>siaga112 {__version__}</footer></body></html>\n")
    return "\n".join(parts)


def heading(one: Evaluation, words: Words) -> Iterator[str]:
    """Say what the report is about, in a line or two."""
    period = one.period
    days = f"{words.day(period.first)} - {words.day(period.last)} ({period.zone.key})"
    over = "" if one.now >= period.window.ends else f"; {words('until_now')}"
    yield f"{words('period')}: {days}{over}"
    yield f"{words('made')}: {words.moment(one.now.astimezone(period.zone))}"


def _cards(one: Evaluation, words: Words) -> str:
    total = one.total
    cards = [
        (words("calls"), words.count(total.calls)),
        (words("answered"), words.count(total.answered)),
        *((words("sl", mark), total.sl(mark).text(words.comma)) for mark in (15, 20)),
        (words("answer_p90"), words.seconds(total.answer.p90)),
        (words("pre_human_loss"), total.rates["pre_human_loss"].text(words.comma)),
    ]
    shown = (
        f'<div class="card"><b>{escape(value)}</b><span>{escape(name)}</span></div>' for name, value in cards
    )
    return f'<div class="cards">{"".join(shown)}</div>'


def _table(section: Section) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in section.columns)
    rows = "".join(_row(row) for row in section.rows)
    apart = " class=apart" if section.apart else ""
    return (
        f'<section id="{escape(section.key)}"{apart}><h2>{escape(section.title)}</h2>'
        '<div class="wide"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _row(cells: tuple[str, ...]) -> str:
    name, *values = (escape(cell) for cell in cells)
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{value}</td>" for value in values)}</tr>'
