"""What Asterisk's answers mean: each judgement, and the line between good and bad."""

from datetime import UTC, datetime, timedelta

import pytest

from siaga112.check import needs, switch
from siaga112.check.doctor import summary
from siaga112.check.finding import Finding, Level, fail, line, ok, shorten, warn

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("22.10.1+dfsg+~cs6.17.60671434-1", Level.OK),
        ("22.11.0", Level.OK),
        ("23.0.0", Level.OK),
        ("22.10.0", Level.WARN),
        ("22.9.3", Level.WARN),
        ("20.15.1", Level.WARN),
        ("GIT-22-abcdef", Level.WARN),
        ("", Level.WARN),
        ("18.26.4", Level.FAIL),
        ("1.8.32", Level.FAIL),
    ],
)
def test_versions(written: str, level: Level) -> None:
    """22.10.1 and later are advised, 20 to that served by the plain ways, older ones not."""
    assert switch.version({"system": {"version": written}}).level is level


def test_version_that_is_not_told() -> None:
    """An Asterisk that does not say its version is not refused for it."""
    assert switch.version({}).level is Level.WARN


def _running(*without: str) -> list[dict[str, str]]:
    every = [*needs.REQUIRED, *needs.WANTED]
    return [{"name": f"{name}.so", "status": "Running"} for name in every if name not in without]


def test_all_modules() -> None:
    """With every module running there is one good line."""
    assert [one.level for one in switch.modules(_running())] == [Level.OK]


def test_a_required_module_is_missing() -> None:
    """Without a required module no call is served; the line names it and how to load it."""
    (finding,) = switch.modules(_running("chan_pjsip"))
    assert finding.level is Level.FAIL
    assert "chan_pjsip" in finding.says
    assert "module load chan_pjsip.so" in finding.remedy


def test_a_wanted_module_is_loaded_but_not_running() -> None:
    """A module that declined to start counts as missing."""
    listed = [*_running("app_mixmonitor"), {"name": "app_mixmonitor.so", "status": "Not Running"}]
    assert [one.level for one in switch.modules(listed)] == [Level.WARN]


def test_dialplan() -> None:
    """Each missing extension is named; one is enough to lose a call."""
    every = (*needs.WAYS_IN, *needs.CALL_WAY, needs.SPOKEN, needs.EAR)
    exists = {way: way != ("s", "siaga112-fallback") for way in every}
    (finding,) = switch.dialplan(exists)
    assert finding.level is Level.FAIL
    assert "s@siaga112-fallback" in finding.says
    assert "from-trunk" not in finding.says
    assert switch.dialplan(dict.fromkeys(every, True))[0].level is Level.OK


def test_a_dialplan_from_before_the_ear_serves_calls() -> None:
    """Only a warning: calls come and go as before, and nobody is listened to."""
    every = dict.fromkeys((*needs.WAYS_IN, *needs.CALL_WAY, needs.SPOKEN, needs.EAR), True)
    way, ear = switch.dialplan(every | {needs.EAR: False})
    assert (way.level, ear.level) == (Level.OK, Level.WARN)
    assert "siaga112-ear" in ear.says


@pytest.mark.parametrize(
    ("own", "included", "level"),
    [(True, False, Level.OK), (False, True, Level.OK), (False, False, Level.FAIL)],
)
def test_one_way_in_is_enough(own: bool, included: bool, level: Level) -> None:  # noqa: FBT001
    """A dialplan that includes ours names the trunk's context otherwise; with neither no call comes in."""
    ways = dict(zip(needs.WAYS_IN, (own, included), strict=True))
    rest = dict.fromkeys((*needs.CALL_WAY, needs.SPOKEN, needs.EAR), True)
    (finding,) = switch.dialplan(ways | rest)
    assert finding.level is level


def test_channel_variables() -> None:
    """Every variable that events must carry is asked for by name; an empty value is one that is carried."""
    carried = dict.fromkeys(needs.CHANNEL_VARIABLES, "")
    assert switch.variables({"channelvars": carried}).level is Level.OK
    del carried["S112_CLI"]
    finding = switch.variables({"channelvars": carried})
    assert finding.level is Level.WARN
    assert "S112_CLI will" in finding.says
    assert switch.variables({}).level is Level.WARN


@pytest.mark.parametrize(
    ("value", "level"), [("45", Level.OK), ("30", Level.OK), ("29", Level.FAIL), ("", Level.FAIL)]
)
def test_lease(value: str, level: Level) -> None:
    """The lease outlives the time between two words to the caller by ten seconds at least."""
    assert switch.lease(value, 20.0).level is level


def test_fallback_rings_the_plan() -> None:
    """A phone of the plan that the fallback does not know is named."""
    assert switch.fallback("101-102", ["PJSIP/102", "PJSIP/101"]).level is Level.OK
    finding = switch.fallback("101", ["PJSIP/101", "PJSIP/102"])
    assert finding.level is Level.WARN
    assert finding.says.endswith(": 102")


def test_prompts_are_looked_for_in_the_language() -> None:
    """A prompt that is there in another language only is missing."""
    listed = [
        {"id": "siaga112/greet", "formats": [{"language": "id", "format": "slin"}]},
        {"id": "siaga112/wait_1", "formats": [{"language": "en", "format": "slin"}]},
    ]
    assert switch.prompts(listed, ["greet"], "id").level is Level.OK
    finding = switch.prompts(listed, ["greet", "wait_1"], "id")
    assert finding.level is Level.WARN
    assert "wait_1" in finding.says
    assert "greet" not in finding.says


def test_information_and_overflow() -> None:
    """What is there and valid is one line; what is not has a remedy."""
    listed = [{"id": "siaga112/info_weather", "formats": [{"language": "id", "format": "slin"}]}]
    (fine,) = switch.information(listed, {"1": "info_weather"}, [], "id")
    assert fine.level is Level.OK
    found = switch.information(listed, {"1": "info_weather", "2": "info_old"}, ["1"], "id")
    assert [one.level for one in found] == [Level.WARN, Level.WARN]
    levels = {state: switch.overflow("PJSIP/112@n", state).level for state in (None, "offline", "online")}
    assert levels == {None: Level.WARN, "offline": Level.WARN, "online": Level.OK}


@pytest.mark.parametrize(
    ("states", "levels"),
    [
        ({}, [Level.FAIL]),
        ({"PJSIP/101": "online"}, [Level.OK]),
        ({"PJSIP/101": "online", "PJSIP/102": "offline"}, [Level.OK]),
        ({"PJSIP/101": "online", "PJSIP/102": None}, [Level.WARN, Level.OK]),
        ({"PJSIP/101": "offline"}, [Level.FAIL]),
        ({"PJSIP/101": "offline", "PJSIP/102": None}, [Level.WARN, Level.FAIL]),
        ({"PJSIP/101": None}, [Level.FAIL]),
    ],
)
def test_phones(states: dict[str, str | None], levels: list[Level]) -> None:
    """Somebody has to be there to be rung; a phone that Asterisk does not know is a mistake of the plan."""
    assert [one.level for one in switch.phones(states)] == levels


def test_codes() -> None:
    """A context that does not know the feature codes is named; one that does says nothing."""
    (finding,) = switch.codes({"from-internal": False, "from-agents": True})
    assert finding.level is Level.WARN
    assert "include => from-agents" in finding.remedy


@pytest.mark.parametrize(
    ("apart", "level"), [(1.9, Level.OK), (-1.9, Level.OK), (2.1, Level.WARN), (-60, Level.WARN)]
)
def test_clock(apart: float, level: Level) -> None:
    """Two seconds are borne, in both directions."""
    assert switch.clock("its", NOON + timedelta(seconds=apart), NOON).level is level


def test_a_line_holds_what_is_wrong_and_what_mends_it() -> None:
    """One line a finding."""
    assert line(warn("phones", "none", "start one")) == "warn  phones       none -> start one"
    assert line(ok("ari", "fine")) == "ok    ari          fine"


def test_long_lists_are_cut() -> None:
    """Twenty names do not fill a screen."""
    assert shorten(["a", "b", "c"], 2) == "a, b and 1 more"
    assert shorten(["a", "b"], 2) == "a, b"


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([ok("a", "")], "A call would be served."),
        ([ok("a", ""), warn("b", "", "")], "A call would be served, 1 to look at."),
        ([fail("a", "", ""), warn("b", "", "")], "A call would not be served: 1 to mend, 1 to look at."),
    ],
)
def test_summary(findings: list[Finding], words: str) -> None:
    """The last line answers the question."""
    assert summary(findings) == words


@pytest.mark.parametrize(
    ("in_the_way", "said"),
    [
        ({}, []),
        ({"pmi": "", "rsud": ""}, ["ok    agencies     all 2 can be rung"]),
        (
            {"pmi": "", "rsud": "Asterisk has no PJSIP/rsud"},
            ["warn  agencies     cannot be rung now: rsud (Asterisk has no PJSIP/rsud)"],
        ),
    ],
)
def test_agencies(in_the_way: dict[str, str], said: list[str]) -> None:
    """Who cannot be rung is named, and why; it keeps no call from being served."""
    assert [line(one).partition(" -> ")[0] for one in switch.agencies(in_the_way)] == said
