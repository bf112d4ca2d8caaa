"""The operator's two files: every fault is listed by its key, none is started on, no secret shown."""

from datetime import datetime
from pathlib import Path

import pytest

from siaga112.cli import main
from siaga112.config import ConfigError, load_settings
from siaga112.planfile import load_plan

SECRET = "kata-sandi-rahasia"

SETTINGS = f"""
[asterisk]
password = "{SECRET}"
[postgres]
dsn = "postgresql://siaga112:{SECRET}@127.0.0.1/siaga112"
"""

PLAN = """
[centre]
code = "35.79"
name = "Siaga 112 Kota Contoh"
[[agents]]
id = "101"
endpoint = "PJSIP/101"
"""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of whoever runs the tests reaches the configuration."""
    for part in ("PLAN", "ASTERISK", "ASTERISK__PASSWORD", "POSTGRES", "POSTGRES__DSN", "HTTP__PORT"):
        monkeypatch.delenv(f"SIAGA112_{part}", raising=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A folder with two files that have no fault."""
    (tmp_path / "plan.toml").write_text(PLAN)
    path = tmp_path / "siaga112.toml"
    path.write_text(SETTINGS)
    return path


def faults_of_settings(path: Path, text: str) -> list[str]:
    """The faults of a configuration."""
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return caught.value.faults


def faults_of_plan(path: Path, text: str) -> list[str]:
    """The faults of a plan."""
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_plan(path)
    return caught.value.faults


def test_what_is_left_out_has_a_default(config: Path) -> None:
    """Two lines are enough; every path is relative to the file's folder."""
    settings = load_settings(config)
    assert settings.asterisk.url == "http://127.0.0.1:8088/ari"
    assert settings.asterisk.secret() == SECRET
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 8112)
    assert settings.plan == config.parent / "plan.toml"
    assert settings.spool.path == Path("/var/lib/siaga112/spool.sqlite3")


def test_paths_are_relative_to_the_file(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command is typed makes no difference."""
    config.write_text(f'plan = "p/plan.toml"\n{SETTINGS}[spool]\npath = "s.sqlite3"\n')
    monkeypatch.chdir("/")
    settings = load_settings(config)
    assert settings.plan == config.parent / "p/plan.toml"
    assert settings.spool.path == config.parent / "s.sqlite3"


FAULTS = {
    'plan = 5\n[asterisk]\npassword = "x"\n[postgres]\ndsn = "y"': ["plan: "],
    '[asterisk]\npassword = "x"': ["postgres: Field required"],
    "": ["asterisk: Field required", "postgres: Field required"],
    f'{SETTINGS}[http]\nport = 65536\nhosts = "::"': ["http.port: ", "http.hosts: Extra inputs"],
    f'{SETTINGS}[log]\nlevel = "loud"\nformat = "xml"': ["log.format: ", "log.level: "],
    f"{SETTINGS}[drain]\npatience = -1": ["drain.patience: "],
    f"{SETTINGS}[astersik]\n": ["astersik: Extra inputs"],
    '[asterisk]\n[postgres]\ndsn = "y"': ["asterisk: Value error, needs exactly one of"],
    '[asterisk]\npassword = "x"\npassword_file = "z"\n[postgres]\ndsn = "y"': [
        "asterisk: Value error, needs exactly one of"
    ],
    f'[asterisk]\nurl = "127.0.0.1:8088"\npassword = "{SECRET}"\n[postgres]\ndsn = 5': [
        "asterisk.url: Value error, must begin with http",
        "postgres.dsn: ",
    ],
    f'[asterisk]\nurl = "http://a:{SECRET}@b/ari"\npassword = "x"\n[postgres]\ndsn = "y"': [
        "asterisk.url: Value error, must not hold a user or password"
    ],
    f'password = "{SECRET}"\n[asterisk': ["not TOML: "],
}


@pytest.mark.parametrize("text", FAULTS)
def test_every_fault_of_the_configuration_is_listed(config: Path, text: str) -> None:
    """Each with the path of its key, all at once, and none with a secret."""
    found = faults_of_settings(config, text)
    assert len(found) == len(FAULTS[text]), found
    for fault, expected in zip(sorted(found), sorted(FAULTS[text]), strict=True):
        assert fault.startswith(expected)
    assert SECRET not in "".join(found)


SHIFT = '[[shifts]]\nname = "{}"\nbegins = {}:00\nends = {}:00\n'
PLAN_FAULTS = {
    "": ["centre: Field required"],
    '[centre]\ncode = "3579"\nname = ""': ["centre.code: ", "centre.name: "],
    PLAN + "[timings]\nring = 0\nwait_prompt = 44\nwrapup = 3": [
        "timings.ring: ",
        "timings.wait_prompt: ",
        "timings.wrapup: Extra inputs",
    ],
    PLAN + '[[agents]]\nid = "1 2"\nendpoint = "SIP/102"': ["agents.1.endpoint: ", "agents.1.id: "],
    PLAN + '[[agents]]\nid = "101"\nendpoint = "PJSIP/101"': [
        "file: Value error, agents: id 101 stands more than once"
    ],
    PLAN + '[timings]\ntransfer = 15\n[[agencies]]\nid = "p"\ncode = "*2"\nnumber = "11x"': [
        "agencies.0.code: ",
        "agencies.0.number: ",
        "timings.transfer: ",
    ],
    PLAN + '[[agencies]]\nid = "p"\ncode = "1"': [
        "agencies.0: Value error, needs exactly one of endpoint, number and seats"
    ],
    PLAN + '[[agencies]]\nid = "p"\ncode = "1"\nnumber = "110"\nendpoint = "PJSIP/p"': [
        "agencies.0: Value error, needs exactly one of endpoint, number and seats"
    ],
    PLAN + 2 * '[[agencies]]\nid = "p"\ncode = "1"\nnumber = "110"\n': [
        "file: Value error, agencies: id p stands more than once"
    ],
    PLAN + '[[agencies]]\nid = "p"\ncode = "101"\nnumber = "110"': [
        "file: Value error, agencies: p: 101 is a seat of [[agents]] already"
    ],
    PLAN + '[[agencies]]\nid = "p"\ncode = "1"\nseats = ["101", "7"]': [
        "file: Value error, agencies: p: no seat 7 stands in [[agents]]"
    ],
    PLAN + '[[agencies]]\nid = "p"\ncode = "1"\nendpoint = "PJSIP/101"': [
        'file: Value error, agencies: p: PJSIP/101 is the phone of seat 101; say seats = ["101"]'
    ],
    PLAN.replace("name", 'time_zone = "WIB"\nname'): ["centre.time_zone: Value error, is not a time zone"],
    PLAN.replace("name", 'language = "jv"\nname'): ["centre.language: "],
    PLAN + "bands = [2, 5]": ["agents.0.bands"],
    PLAN + SHIFT.format("pagi", "07:30", "16:00") + SHIFT.format("siang", "15:30", "20:00"): [
        "file: Value error, shifts: pagi and siang overlap"
    ],
    PLAN + SHIFT.format("malam", "23:30", "07:30") + SHIFT.format("pagi", "07:00", "16:00"): [
        "file: Value error, shifts: malam and pagi overlap"
    ],
    PLAN + SHIFT.format("semua", "00:00", "00:00") + SHIFT.format("pagi", "07:00", "16:00"): [
        "file: Value error, shifts: semua and pagi overlap"
    ],
    PLAN + "[block]\nenabled = true\nhours = 25": ["block.hours: "],
    PLAN + '[admission]\noverflow = "SIP/112"': ["admission.overflow: Value error, must begin with"],
    PLAN + '[admission]\noverflow = "PJSIP/101"': [
        "file: Value error, admission.overflow is the phone of seat"
    ],
    PLAN + "[block]\nenabled = true": ["block: Value error, needs reasons"],
    PLAN + "[hours]\nbegins = 16:00:00\nends = 07:30:00": ["hours: Value error, must begin before they end"],
}


@pytest.mark.parametrize("text", PLAN_FAULTS)
def test_every_fault_of_the_plan_is_listed(config: Path, text: str) -> None:
    """Each with the path of its key, a call-taker's with the place in the list."""
    found = faults_of_plan(config.with_name("plan.toml"), text)
    assert len(found) == len(PLAN_FAULTS[text]), found
    for fault, expected in zip(sorted(found), sorted(PLAN_FAULTS[text]), strict=True):
        assert fault.startswith(expected)


def test_shifts_that_meet_are_no_fault(config: Path) -> None:
    """One begins as the other ends, and one crosses midnight."""
    shifts = (("pagi", "07:30", "16:00"), ("sore", "16:00", "23:30"), ("malam", "23:30", "07:30"))
    whole = PLAN + "".join(SHIFT.format(*one) for one in shifts)
    assert len(load_plan(_written(config.with_name("plan.toml"), whole)).shifts) == 3


HOURS = """
[hours]
begins = 07:30:00
ends = 16:00:00
[[holidays]]
date = 2026-08-17
[[information]]
key = "1"
sound = "open"
told = "open"
[[information]]
key = "2"
sound = "closed"
told = "closed"
[[information]]
key = "3"
sound = "always"
[[information]]
key = "4"
sound = "old"
expires = 2026-08-01T00:00:00+07:00
"""


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-08-14T07:30:00+07:00", "open"),
        ("2026-08-14T16:00:00+07:00", "closed"),
        ("2026-08-15T09:00:00+07:00", "closed"),
        ("2026-08-17T09:00:00+07:00", "closed"),
    ],
    ids=["in the hours", "after them", "a Saturday", "a holiday"],
)
def test_what_is_told_by_the_offices_hours(config: Path, moment: str, told: str) -> None:
    """By the centre's own clock; what has expired is told at no hour, and said to have expired."""
    plan = load_plan(_written(config.with_name("plan.toml"), PLAN + HOURS))
    now = datetime.fromisoformat(moment).timestamp()
    assert [sound for _, sound in plan.plan().told(now)] == [told, "always"]
    assert [one.key for one in plan.expired(now)] == ["4"]


def test_a_phone_belongs_to_one_call_taker(config: Path) -> None:
    """Two takers at one phone could both be chosen for it."""
    doubled = PLAN + '[[agents]]\nid = "102"\nendpoint = "PJSIP/101"'
    (fault,) = faults_of_plan(config.with_name("plan.toml"), doubled)
    assert "endpoint PJSIP/101 stands more than once" in fault


def test_a_prompt_comes_before_the_lease_runs_out(config: Path) -> None:
    """The lease of 45 s is renewed with the prompts: an interval near it would lose callers."""
    with pytest.raises(ConfigError, match=r"timings.wait_prompt"):
        load_plan(_written(config.with_name("plan.toml"), PLAN + "[timings]\nwait_prompt = 45"))


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_environment_goes_before_the_file(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container sets what differs; the rest of its part stays as in the file."""
    monkeypatch.setenv("SIAGA112_ASTERISK__PASSWORD", "another")
    monkeypatch.setenv("SIAGA112_HTTP__PORT", "9112")
    config.write_text(f'{SETTINGS}[http]\nhost = "::1"\nport = 1')
    settings = load_settings(config)
    assert settings.asterisk.secret() == "another"
    assert (settings.http.host, settings.http.port) == ("::1", 9112)


def test_a_fault_of_the_environment_is_named_as_well(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same key path; the reader finds the variable by it."""
    monkeypatch.setenv("SIAGA112_HTTP__PORT", "many")
    with pytest.raises(ConfigError, match=r"http\.port: "):
        load_settings(config)


def test_a_password_may_stand_in_a_file_of_its_own(config: Path) -> None:
    """Beside the configuration, with or without a line end."""
    config.write_text(SETTINGS.replace(f'password = "{SECRET}"', 'password_file = "ari.password"'))
    config.with_name("ari.password").write_text(f"{SECRET}\n")
    assert load_settings(config).asterisk.secret() == SECRET


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file or directory"), (b" \n", "is empty"), (b"\xff", "is not text")],
    ids=["missing", "empty", "not text"],
)
def test_a_password_file_without_a_password(
    config: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, why: str
) -> None:
    """It is told with its key, and ends as every other configuration error does."""
    config.write_text(SETTINGS.replace(f'password = "{SECRET}"', 'password_file = "ari.password"'))
    path = config.with_name("ari.password")
    if content is not None:
        path.write_bytes(content)
    assert main(["run", "--config", str(config)]) == 2
    assert capsys.readouterr().err == f"siaga112: {path} cannot be used:\n  asterisk.password_file: {why}\n"


def test_secrets_are_not_shown(config: Path) -> None:
    """Whatever is printed of the settings, in a traceback or a log, holds no password."""
    settings = load_settings(config)
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()}"


@pytest.mark.parametrize("command", ["run", "migrate", "agents", "calls"])
def test_the_command_line_lists_the_faults_and_exits_2(
    config: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """One line a fault, to standard error; nothing is started."""
    config.write_text(f"{SETTINGS}[http]\nport = -1\nhosts = 1")
    assert main([command, "--config", str(config)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[0] == f"siaga112: {config} cannot be used:"
    assert [one.split(":")[0] for one in lines[1:]] == ["  http.port", "  http.hosts"]


def test_the_command_line_lists_the_faults_of_the_plan(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan is checked before anything starts, too."""
    config.with_name("plan.toml").write_text('[centre]\ncode = "x"')
    assert main(["run", "--config", str(config)]) == 2
    assert "centre.name: Field required" in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is named, and what the system says about it."""
    missing = tmp_path / "siaga112.toml"
    assert main(["run", "--config", str(missing)]) == 2
    assert capsys.readouterr().err == f"siaga112: {missing} cannot be used:\n  No such file or directory\n"
