"""The unit, the images and the scrape configuration agree with the daemon that they are for."""

import configparser
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from siaga112.config import DrainSettings, load_settings
from siaga112.daemon import REPLACED
from siaga112.planfile import PlanFile, load_plan

HERE = Path(__file__).resolve().parent.parent.parent


class _Unit(configparser.RawConfigParser):
    """Systemd's files: names keep their capitals, and a name may stand twice."""

    def __init__(self) -> None:
        super().__init__(strict=False)

    def optionxform(self, optionstr: str) -> str:
        """Keep it."""
        return optionstr


@pytest.fixture
def unit() -> configparser.SectionProxy:
    """The [Service] part of the unit."""
    parser = _Unit()
    parser.read(HERE / "deploy/systemd/siaga112.service", encoding="utf-8")
    return parser["Service"]


def test_a_replaced_daemon_is_not_started_again(unit: configparser.SectionProxy) -> None:
    """Two that take the calls from each other for ever are the one thing that must not be."""
    assert unit["Restart"] == "always"
    assert unit["RestartPreventExitStatus"] == str(REPLACED)


def test_systemd_waits_for_the_drain(unit: configparser.SectionProxy) -> None:
    """The time to stop is longer than the daemon may take for conversations, records and spool."""
    assert int(unit["TimeoutStopSec"]) >= DrainSettings().patience + 15


def test_readiness_and_life_are_told(unit: configparser.SectionProxy) -> None:
    """Systemd listens for what `notify` tells."""
    assert unit["Type"] == "notify"
    assert int(unit["WatchdogSec"]) > 0
    assert unit["ExecReload"] == "/bin/kill -HUP $MAINPID"


def test_the_image_copies_nothing_that_is_kept_out_of_the_build() -> None:
    """Every COPY of the Dockerfile is let through by .dockerignore, and exists."""
    let_in = {line[1:] for line in (HERE / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    dockerfile = (HERE / "Dockerfile").read_text(encoding="utf-8")
    copied = [
        name
        for words in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
        for name in words.split()[:-1]
    ]
    assert copied
    assert set(copied) <= let_in
    assert all((HERE / name).exists() for name in copied)


def test_the_configuration_of_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the two secrets from the environment it is whole, and its plan has phones."""
    monkeypatch.setenv("SIAGA112_ASTERISK__PASSWORD", "from-env")
    monkeypatch.setenv("SIAGA112_POSTGRES__DSN", "postgresql://from-env")
    settings = load_settings(HERE / "deploy/docker/siaga112.toml")
    assert settings.asterisk.secret() == "from-env"
    assert settings.spool.path == Path("/var/lib/siaga112/spool.sqlite3")
    assert load_plan(settings.plan).agents


def test_in_compose_the_daemon_removes_what_asterisk_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings and the fallback's journal are where both may write, by a group that both images know."""
    monkeypatch.setenv("SIAGA112_ASTERISK__PASSWORD", "from-env")
    monkeypatch.setenv("SIAGA112_POSTGRES__DSN", "postgresql://from-env")
    asterisk = load_settings(HERE / "deploy/docker/siaga112.toml").asterisk
    daemon = (HERE / "Dockerfile").read_text(encoding="utf-8")
    theirs = (HERE / "deploy/docker/asterisk.Dockerfile").read_text(encoding="utf-8")
    (group,) = set(re.findall(r"groupadd --system --gid (\d+) siaga112", daemon + theirs))
    assert f"USER {group}:{group}" in daemon
    (laid,) = re.findall(r"install -d -o asterisk -g siaga112 -m 2770 (.+) \\", theirs)
    assert laid.split() == [str(asterisk.fallback_journal.parent), str(asterisk.recordings)]
    assert "umask 002" in theirs
    compose = (HERE / "compose.yaml").read_text(encoding="utf-8")
    ours = compose.partition("\n  siaga112:\n")[2].partition("\n  prometheus:\n")[0]
    for volume, folder in (("asterisk-log", "/var/log/asterisk"), ("recordings", "/var/spool/asterisk")):
        assert f"- {volume}:{folder}\n" in compose, "Asterisk's"
        assert f"source: {volume}, target: {folder}, volume: {{nocopy: true}}}}\n" in ours


def test_the_plan_of_a_small_regency() -> None:
    """Seven seats of its own and two of each agency, in three shifts that leave no hour out."""
    plan = load_plan(HERE / "deploy/etc/plan.regency.toml")
    assert Counter(one.role for one in plan.agents) == {"call_taker": 7, "opd": 10}
    agencies = Counter(one.name.rpartition(" ")[0] for one in plan.agents if one.role == "opd")
    assert agencies == dict.fromkeys(("PMI", "BPBD", "Satpol P3KP", "Dishub", "RSUD"), 2)
    assert _hours(plan) == ["07:30-16:00", "16:00-23:30", "23:30-07:30"]


def test_the_plan_of_a_city() -> None:
    """Twenty-four call-takers, some of them in English, and every other role there is."""
    plan = load_plan(HERE / "deploy/etc/plan.city.toml")
    roles = Counter(one.role for one in plan.agents)
    assert roles["call_taker"] == 24
    assert roles.keys() == {"call_taker", "trainee", "opd", "supervisor"}
    assert any("en" in one.languages for one in plan.agents)
    assert plan.admission.overflow is not None
    assert _hours(plan) == ["07:30-16:00", "16:00-23:30", "23:30-07:30"]


@pytest.mark.parametrize("name", ["plan.regency.toml", "plan.city.toml"])
def test_the_example_plans_leave_nothing_out(name: str) -> None:
    """Each table of a plan is in it, and each sound that it names is among those that are installed."""
    plan = load_plan(HERE / "deploy/etc" / name)
    assert plan.model_fields_set == set(PlanFile.model_fields)
    sounds = HERE / "asterisk-conf/sounds"
    for one in plan.information:
        assert (sounds / "id/siaga112" / f"{one.sound}.wav").exists()
        assert (sounds / "en/siaga112" / f"{one.sound}.wav").exists()


def _hours(plan: PlanFile) -> list[str]:
    return [f"{one.begins:%H:%M}-{one.ends:%H:%M}" for one in plan.shifts]


def test_the_scripts_are_shell() -> None:
    """Each script is read without fault by a plain POSIX shell."""
    scripts = [HERE / ".ci/run", *(HERE / "deploy").glob("*/*.sh")]
    assert len(scripts) >= 4
    for script in scripts:
        subprocess.run(["/bin/sh", "-n", str(script)], check=True)  # noqa: S603
        assert script.stat().st_mode & 0o111


def test_prometheus_scrapes_the_daemon() -> None:
    """The address of the scrape is the one that compose gives the daemon."""
    http = tomllib.loads((HERE / "deploy/docker/siaga112.toml").read_text(encoding="utf-8"))["http"]
    assert f'"{http["host"]}:{http["port"]}"' in (HERE / "deploy/prometheus/prometheus.yml").read_text()
