"""Every panel of deploy/grafana asks what Prometheus and PostgreSQL answer. Grafana itself is not run."""

import json
import re
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from siaga112.lab.root import ensure_root
from siaga112.lab.sandbox import Sandbox
from tests.test_contract import METRICS
from tests.watch.conftest import Watched

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
BOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
DSN_OF_READER = "postgresql://siaga112_dashboards:for-a-test@{place}/{database}"
# What Grafana puts in place of its own words; the spans are those of a short test.
FILLED_IN = {
    "$__range": "1h",
    "$__rate_interval": "1m",
    "$__timeFrom()": "'2026-01-01T00:00:00Z'",
    "$__timeTo()": "'2100-01-01T00:00:00Z'",
}
MAY_BE_EMPTY = {"Alarm"}


def boards() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each dashboard by its file's name."""
    for path in BOARDS:
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def panels(kind: str) -> list[Any]:
    """Every question of a kind of source, as a case of a test."""
    return [
        pytest.param(panel["title"], target, id=f"{name}-{panel['id']}{target['refId']}")
        for name, board in boards()
        for panel in board["panels"]
        for target in panel["targets"]
        if target["datasource"]["type"] == kind
    ]


def filled(text: str) -> str:
    """A question with Grafana's own words filled in."""
    for word, value in FILLED_IN.items():
        text = text.replace(word, value)
    assert "$" not in text, text
    return text


@pytest.fixture(scope="session")
def reader(watched: Watched) -> str:
    """The address for the login that compose makes for Grafana, made by its own script."""
    at = urlsplit(watched.lab.dsn)
    environment = {
        "READER_PASSWORD": "for-a-test",
        "POSTGRES_USER": at.username or "",
        "POSTGRES_DB": at.path.strip("/"),
        "PGHOST": "/run/postgresql",
        "PGPORT": str(at.port),
    }
    sandbox = Sandbox(
        ensure_root().fs,
        readable=((DEPLOY / "docker", "/run/docker"),),
        writable=((watched.lab.layout.pgrun, "/run/postgresql"),),
        environment=environment,
    )
    argv = sandbox.argv(["/bin/sh", "/run/docker/reader.sh"])
    done = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr
    return DSN_OF_READER.format(place=f"{at.hostname}:{at.port}", database=at.path.strip("/"))


@pytest.mark.parametrize(("title", "target"), panels("prometheus"))
def test_a_question_to_prometheus(watched: Watched, title: str, target: dict[str, Any]) -> None:
    """It is understood, and after some calls it is answered."""
    found = watched.prometheus.get("query", query=filled(target["expr"]))["result"]
    assert found or title in MAY_BE_EMPTY
    named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
    assert all(named <= set(one["metric"]) for one in found), "the legend names a label that is not there"


def test_a_table_renames_columns_that_there_are(watched: Watched) -> None:
    """What Prometheus adds for itself is hidden; what is left has a heading that a person wrote."""
    found = watched.prometheus.get("query", query="siaga112_build_info")["result"][0]["metric"]
    tables = {
        panel["title"]: panel["transformations"][0]["options"]
        for _, board in boards()
        for panel in board["panels"]
        if panel["type"] == "table" and panel["datasource"]["type"] == "prometheus"
    }
    assert set(tables) == {"Alarm", "Versi"}
    assert all({"Time", "Value"} <= {*one["excludeByName"]} for one in tables.values())
    versions = tables["Versi"]
    assert {*versions["renameByName"], *versions["excludeByName"]} == {*found, "Time", "Value"}


@pytest.mark.parametrize(("title", "target"), panels("grafana-postgresql-datasource"))
async def test_a_question_to_postgresql(reader: str, title: str, target: dict[str, Any]) -> None:
    """The login for dashboards may ask it, and after some calls it is answered."""
    connection = await asyncpg.connect(reader, timeout=10)
    try:
        rows = await connection.fetch(filled(target["rawSql"]))
    finally:
        await connection.close()
    if title != "Tiap giliran":  # the lab's plan has no shifts
        assert rows
        assert any(value is not None for value in rows[0].values())


async def test_the_login_for_dashboards_sees_no_caller(reader: str) -> None:
    """Whoever finds its password finds figures."""
    connection = await asyncpg.connect(reader, timeout=10)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT caller_number FROM siaga112.call_record")
        assert await connection.fetchval("SHOW jit") == "off", "two seconds to compile what takes none"
    finally:
        await connection.close()


def test_three_boards_that_fit_a_screen() -> None:
    """Each has its own address, and its panels lie beside each other and not on each other."""
    found = dict(boards())
    assert set(found) == {"wallboard", "shift", "health"}
    assert len({one["uid"] for one in found.values()}) == 3
    for board in found.values():
        assert len({one["id"] for one in board["panels"]}) == len(board["panels"])
        places = [one["gridPos"] for one in board["panels"]]
        assert all(one["x"] + one["w"] <= 24 for one in places)
        for one, other in combinations(places, 2):
            beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
            below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
            assert beside or below


def test_the_sources_are_provisioned() -> None:
    """Each panel asks one of the two sources, by the names under which Grafana is given them."""
    text = (DEPLOY / "grafana/provisioning/datasources/siaga112.yaml").read_text(encoding="utf-8")
    given = set(zip(re.findall(r"type: (\S+)", text), re.findall(r"uid: (\S+)", text), strict=True))
    asked = {
        (source["type"], source["uid"])
        for _, board in boards()
        for panel in board["panels"]
        for source in (panel["datasource"], *(target["datasource"] for target in panel["targets"]))
    }
    assert asked == given
    assert "user: siaga112_dashboards" in text


def test_compose_gives_grafana_its_files() -> None:
    """The folders of the image are those that the provisioning speaks of."""
    compose = (DEPLOY.parent / "compose.yaml").read_text(encoding="utf-8")
    provider = (DEPLOY / "grafana/provisioning/dashboards/siaga112.yaml").read_text(encoding="utf-8")
    place = re.findall(r"path: (\S+)", provider)[0]
    assert f"./deploy/grafana/dashboards:{place}:ro" in compose
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in compose
    assert "./deploy/docker/reader.sh:/docker-entrypoint-initdb.d/reader.sh:ro" in compose
    sample = (DEPLOY / "docker/env.sample").read_text(encoding="utf-8")
    for name in set(re.findall(r"\${(\w+)", compose)):
        assert f"{name}=" in sample, name


def test_grouping_is_by_labels_of_the_contract() -> None:
    """Nothing is told apart by anything but the words of the contract: no caller and no call-taker."""
    words = {label for labels in METRICS.values() for label in labels} | {
        "le",
        "alertname",
        "severity",
        "alertstate",
    }
    grouped = {
        label
        for _, board in boards()
        for panel in board["panels"]
        for target in panel["targets"]
        for labels in re.findall(r"by \(([^)]*)\)", target.get("expr", ""))
        for label in labels.replace(" ", "").split(",")
    }
    assert grouped
    assert grouped <= words
