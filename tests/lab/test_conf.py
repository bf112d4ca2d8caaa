"""asterisk-conf: one set of files for lab and production."""

import re
import tomllib

from siaga112.lab.asterisk import Seat, Site, agents_conf, site_conf
from siaga112.lab.daemon import daemon_config, plan_config
from siaga112.lab.lab import SEATS
from siaga112.lab.layout import asterisk_conf

SITE = Site(
    sip_port=21000,
    http_port=21001,
    ari_password="secret",
    seats=(Seat("101", "one"), Seat("102", "two")),
    entity_id="02:00:00:00:00:01",
)


def _sections(text: str) -> dict[str, set[str]]:
    """Each section's settings by name."""
    found: dict[str, set[str]] = {}
    name = ""
    for line in text.splitlines():
        if heading := re.match(r"\[([\w-]+)\]", line):
            name = heading[1]
            found[name] = set()
        elif setting := re.match(r"(\w+)\s*=", line):
            found[name].add(setting[1])
    return found


def _used_templates() -> set[str]:
    texts = [path.read_text() for path in asterisk_conf().glob("*.conf")]
    return {
        name.strip()
        for text in texts
        for names in re.findall(r"^\[[\w-]+\]\(([^)]*)\)", text, re.MULTILINE)
        for name in names.split(",")
        if name.strip() not in {"", "!", "+"}
    }


def test_lab_fills_the_file_that_operators_edit() -> None:
    """The lab's siaga112.conf has the same sections, and all that is set, of the one that is shipped."""
    shipped = _sections((asterisk_conf() / "siaga112.conf").read_text())
    written = _sections(site_conf(SITE))
    assert written.keys() == shipped.keys()
    assert {name: settings - written[name] for name, settings in shipped.items()} == {
        name: set() for name in shipped
    }


def test_every_template_exists() -> None:
    """What a section is made from is defined in siaga112.conf or beside it."""
    defined = set(re.findall(r"^\[([\w-]+)\]\(!", _all_text(), re.MULTILINE))
    assert _used_templates() <= defined


def test_every_included_file_exists() -> None:
    """A file that must be there is shipped."""
    included = re.findall(r"^#include (\S+)", _all_text(), re.MULTILINE)
    assert included
    assert all((asterisk_conf() / name).exists() for name in included)


def test_each_seat_has_endpoint_aor_and_password() -> None:
    """A seat is three sections of one name, with its own password."""
    text = agents_conf(SITE.seats)
    for seat in SITE.seats:
        kinds = re.findall(rf"^\[{seat.agent}\]\(siaga112-agent(-\w+)?\)", text, re.MULTILINE)
        assert sorted(kinds) == ["", "-aor", "-auth"]
        assert f"username = {seat.agent}\npassword = {seat.password}\n" in text


def test_the_daemon_gets_toml() -> None:
    """The lab's two files for the daemon say where everything is and who the call-takers are."""
    config = tomllib.loads(
        daemon_config(ari="http://127.0.0.1:1/ari", user="u", password="p", dsn="postgresql://x", port=2)
    )
    assert config["asterisk"] == {
        "url": "http://127.0.0.1:1/ari",
        "user": "u",
        "password": "p",
        "app": "siaga112",
        "fallback_journal": "log/asterisk/cel-custom/siaga112-fallback.log",
        "recordings": "asterisk/spool/monitor",
    }
    assert config["http"]["port"] == 2
    plan = tomllib.loads(plan_config(SEATS, {"wrap_up": 1}))
    assert [agent["id"] for agent in plan["agents"]] == [str(number) for number in range(101, 121)]
    assert plan["agents"][0]["endpoint"] == "PJSIP/101"


def test_no_address_of_others_is_shipped() -> None:
    """The trunk's address in the shipped file is a documentation one: no one is trusted by default."""
    shipped = (asterisk_conf() / "siaga112.conf").read_text()
    assert re.findall(r"^match = (\S+)", shipped, re.MULTILINE) == ["192.0.2.10"]
    assert re.findall(r"^bindaddr = (\S+)", shipped, re.MULTILINE) == ["127.0.0.1"]


def _all_text() -> str:
    return "\n".join(path.read_text() for path in sorted(asterisk_conf().glob("*.conf")))
