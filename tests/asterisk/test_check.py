"""`siaga112 check` against a real Asterisk and PostgreSQL: well, and with one thing wrong at a time."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from siaga112.lab.ground import Ground
from siaga112.lab.lab import Lab
from siaga112.lab.phones import Phone

HERE = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab whose phone 101 is registered, with an Asterisk of its own, as these tests break it."""
    with Lab(tmp_path_factory.mktemp("check"), daemon=False) as running:
        phone = Phone(Ground.of(running), ("101",))
        phone.start()
        yield running
        phone.stop()


@pytest.fixture
def etc(lab: Lab) -> Iterator[Path]:
    """Asterisk's configuration, put back afterwards."""
    kept = lab.layout.dir / "etc-kept"
    shutil.copytree(lab.layout.asterisk_etc, kept)
    yield lab.layout.asterisk_etc
    shutil.copytree(kept, lab.layout.asterisk_etc, dirs_exist_ok=True)
    shutil.rmtree(kept)
    lab.asterisk_cli("core reload")


def _check(lab: Lab, config: Path | None = None) -> tuple[int, str]:
    command = [sys.executable, "-m", "siaga112", "check", "--config", str(config or lab.layout.config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    return done.returncode, done.stdout + done.stderr


def _line(said: str, level: str, what: str) -> str:
    """The one line of that level about that."""
    found = re.findall(rf"^{level} +{what} .*$", said, re.MULTILINE)
    assert len(found) == 1, said
    return str(found[0])


def _altered(lab: Lab, old: str, new: str) -> Path:
    """The configuration with one value changed."""
    text = lab.layout.config.read_text()
    assert old in text
    config = lab.layout.dir / "altered.toml"
    config.write_text(text.replace(old, new))
    return config


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_all_is_well_and_nothing_is_left_behind(lab: Lab) -> None:
    """A call would be served; only the daemon and the tables are not there yet; no channel stays."""
    status, said = _check(lab)
    assert status == 0, said
    assert "fail" not in said
    assert {line.split()[1] for line in said.splitlines() if line.startswith("warn")} == {
        "daemon",
        "postgres",
    }
    assert "0001_tables" in _line(said, "warn", "postgres")
    assert "1 of 20 registered" in _line(said, "ok", "phones")
    assert lab.asterisk_cli("core show channels count").startswith("0 active channels")


def test_a_running_daemon_keeps_its_application(lab: Lab) -> None:
    """The doctor does not take the application over: the daemon is ready before and after it was there."""
    lab.start_daemon()
    try:
        for _ in range(2):
            status, said = _check(lab)
            assert status == 0, said
            assert "running and ready" in _line(said, "ok", "daemon")
        assert "tables up to date" in _line(said, "ok", "postgres")
    finally:
        lab.stop_daemon()


def test_wrong_password(lab: Lab) -> None:
    """Asterisk refuses: one line says which user and where the password belongs, and shows none."""
    wrong = "not-the-password"
    status, said = _check(lab, _altered(lab, lab.site.ari_password, wrong))
    assert status == 1
    assert "refuses siaga112" in _line(said, "fail", "ari")
    assert wrong not in said
    assert lab.site.ari_password not in said


def test_no_asterisk(lab: Lab) -> None:
    """Nobody at the address."""
    status, said = _check(lab, _altered(lab, f":{lab.site.http_port}/", ":1/"))
    assert status == 1
    assert "does not answer" in _line(said, "fail", "ari")


def test_no_ari_at_that_path(lab: Lab) -> None:
    """Asterisk's HTTP server is there, ARI is not."""
    status, said = _check(lab, _altered(lab, "/ari", "/elsewhere"))
    assert status == 1
    assert "nothing is at" in _line(said, "fail", "ari")


def test_no_postgres(lab: Lab) -> None:
    """Calls are served without it; the line says so, without the password of the dsn."""
    status, said = _check(
        lab, _altered(lab, lab.dsn, "postgresql://siaga112:secret-word@127.0.0.1:1/siaga112")
    )
    assert status == 0
    assert "cannot be reached" in _line(said, "warn", "postgres")
    assert "secret-word" not in said


def test_faulty_configuration(lab: Lab) -> None:
    """Every fault is listed, and nothing is looked at: exit status 2."""
    status, said = _check(lab, _altered(lab, 'level = "info"', 'level = "loud"\ncolour = "red"'))
    assert status == 2
    assert "log.level" in said
    assert "log.colour" in said


def test_a_user_who_may_only_read(lab: Lab, etc: Path) -> None:
    """ARI answers, and yet no call could be driven."""
    _edit(etc / "ari.conf", "read_only = no", "read_only = yes")
    lab.asterisk_cli("module reload res_ari.so")
    status, said = _check(lab)
    assert status == 1
    assert "may only read" in _line(said, "fail", "ari")


def test_variables_that_events_do_not_carry(lab: Lab, etc: Path) -> None:
    """A channel shows whether `channelvars` is there; the line says what to write."""
    _edit(etc / "ari.conf", "S112_CLI,S112_CLIR,", "S112_CLIR,")
    lab.asterisk_cli("module reload res_ari.so")
    status, said = _check(lab)
    assert status == 0, said
    assert "S112_CLI will be missing" in _line(said, "warn", "channelvars")


def test_no_fallback_in_the_dialplan(lab: Lab, etc: Path) -> None:
    """The dialplan is looked at through ARI; a context that is not there is named."""
    _edit(etc / "extensions.conf", "[siaga112-fallback]", "[another-fallback]")
    lab.asterisk_cli("dialplan reload")
    status, said = _check(lab)
    assert status == 1
    assert "s@siaga112-fallback" in _line(said, "fail", "dialplan")


def test_phones_that_cannot_dial_the_codes(lab: Lab, etc: Path) -> None:
    """As in a FreePBX whose phones stand in a context of its own."""
    _edit(etc / "pjsip.conf", "context = from-agents", "context = from-internal")
    lab.asterisk_cli("module reload res_pjsip.so")
    status, said = _check(lab)
    assert status == 0, said
    assert "include => from-agents" in _line(said, "warn", "codes")


FREEPBX = """
[globals]
S112_FALLBACK_AGENTS = 101-102
S112_LANGUAGE = id
S112_LEASE = 45
[from-trunk]
exten => _NXX,1,Hangup()
[from-internal]
include => from-internal-custom
exten => *97,1,VoiceMailMain()
[from-internal-custom]
include => siaga112-codes
#include siaga112-extensions.conf
"""


def test_beside_a_dialplan_that_is_there_already(lab: Lab, etc: Path) -> None:
    """As the README says for FreePBX: ours is included, theirs keeps its contexts and its codes."""
    made = subprocess.run([HERE / "deploy/asterisk/include.sh"], capture_output=True, check=True)  # noqa: S603
    (etc / "siaga112-extensions.conf").write_bytes(made.stdout)
    (etc / "extensions.conf").write_text(FREEPBX)
    _edit(etc / "pjsip.conf", "context = from-agents", "context = from-internal")
    lab.asterisk_cli("module reload res_pjsip.so")
    lab.asterisk_cli("dialplan reload")
    status, said = _check(lab)
    assert status == 0, said
    assert "siaga112-trunk leads to siaga112" in _line(said, "ok", "dialplan")
    assert " codes " not in said
    assert "these phones do not ring" in _line(said, "warn", "fallback")
    theirs = lab.asterisk_cli("dialplan show from-trunk")
    assert "siaga112" not in theirs
    assert "_*1X" in lab.asterisk_cli("dialplan show *11@from-internal")
    assert "VoiceMailMain" in lab.asterisk_cli("dialplan show *97@from-internal")


def test_a_module_and_a_prompt_are_gone(lab: Lab) -> None:
    """Each costs one line; calls go on."""
    prompt = lab.layout.sounds / "id" / "siaga112" / "greet.wav"
    kept = prompt.read_bytes()
    prompt.unlink()
    lab.asterisk_cli("module unload app_mixmonitor.so")
    lab.asterisk_cli("core reload")
    try:
        status, said = _check(lab)
        assert status == 0, said
        assert "app_mixmonitor" in _line(said, "warn", "modules")
        assert "greet" in _line(said, "warn", "prompts")
    finally:
        prompt.write_bytes(kept)
        lab.asterisk_cli("module load app_mixmonitor.so")
        lab.asterisk_cli("core reload")


def test_what_callers_are_told_and_who_helps_out(lab: Lab) -> None:
    """A message without its sound, one that has expired, an unknown overflow target: a line each."""
    plan = lab.layout.plan.read_text()
    more = '[admission]\noverflow = "PJSIP/112@neighbour"\n[[information]]\nkey = "8"\nsound = "info_gone"\n'
    more += '[[information]]\nkey = "9"\nsound = "info_numbers"\nexpires = 2020-01-01T00:00:00+07:00\n'
    (lab.layout.dir / "more.toml").write_text(f"{plan}\n{more}")
    status, said = _check(lab, _altered(lab, '"plan.toml"', '"more.toml"'))
    assert status == 0, said
    assert "PJSIP/112@neighbour" in _line(said, "warn", "overflow")
    told = re.findall(r"^warn +information .*$", said, re.MULTILINE)
    assert ["info_gone" in one for one in told] == [True, False]
    assert "under key 9" in told[1]


def test_agents_that_asterisk_does_not_know(lab: Lab) -> None:
    """A plan of strangers only would ring nobody."""
    plan = lab.layout.plan.read_text()
    ways = {"pmi": 'endpoint = "PJSIP/117"', "x": 'endpoint = "PJSIP/x"', "police": 'number = "110"'}
    asked = [
        f'\n[[agencies]]\nid = "{name}"\ncode = "{code}"\n{ways[name]}\n' for code, name in enumerate(ways, 1)
    ]
    (lab.layout.dir / "strangers.toml").write_text(plan.replace("PJSIP/1", "PJSIP/9") + "".join(asked))
    status, said = _check(lab, _altered(lab, '"plan.toml"', '"strangers.toml"'))
    assert status == 1
    assert "Asterisk has no PJSIP/901" in _line(said, "fail", "phones")
    assert "without the daemon these phones do not ring" in _line(said, "warn", "fallback")
    blocked = "pmi (PJSIP/117 is not registered), x (Asterisk has no PJSIP/x), police (PJSIP/trunk has no AOR"
    assert blocked in _line(said, "warn", "agencies")
