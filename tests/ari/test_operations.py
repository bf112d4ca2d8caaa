"""Operations are pure: a name and its parameters in, a request out."""

import json
import subprocess
import sys

import pytest

from siaga112.ari import operations
from siaga112.ari.request import Request


def test_query_parameters_get_asterisks_names_and_only_those_given_are_sent() -> None:
    """A parameter that was not given must not reach Asterisk as an empty one."""
    asked = operations.channels.originate(endpoint="PJSIP/101", app="siaga112", channel_id="leg 1")
    assert asked == Request(
        "POST",
        "/channels",
        {"endpoint": "PJSIP/101", "app": "siaga112", "channelId": "leg 1"},
        None,
    )


def test_path_parameters_are_quoted_whole() -> None:
    """A slash or a plus in an id stays in its segment; Asterisk reads a bare plus as a space."""
    assert operations.channels.answer("a/b+c").path == "/channels/a%2Fb%2Bc/answer"


def test_several_values_are_joined_by_commas_and_one_is_one() -> None:
    """Such a parameter takes a list or a single string, which is not a list of its letters."""
    many = operations.bridges.add_channel("b", channel=["1", "2"])
    one = operations.bridges.add_channel("b", channel="12")
    assert (many.query, one.query) == ({"channel": "1,2"}, {"channel": "12"})


def test_booleans_and_numbers_are_written_as_asterisk_reads_them() -> None:
    """Python's True is no word of Asterisk's."""
    asked = operations.bridges.add_channel("b", channel="1", mute=True, absorb_dtmf=False)
    assert asked.query == {"channel": "1", "mute": "true", "absorbDTMF": "false"}
    assert operations.channels.dial("c", timeout=8).query == {"timeout": "8"}


def test_variables_travel_in_the_body_under_their_name() -> None:
    """Asterisk looks for `variables` inside the body object."""
    asked = operations.channels.originate(endpoint="PJSIP/101", variables={"S112_CALL": "x"})
    assert asked.body == {"variables": {"S112_CALL": "x"}}


def test_an_event_filter_is_the_whole_body() -> None:
    """The event filter is the one body that is not wrapped in its parameter's name."""
    asked = operations.applications.filter("siaga112", filter={"disallowed": []})
    assert (asked.method, asked.path) == ("PUT", "/applications/siaga112/eventFilter")
    assert asked.body == {"disallowed": []}


def test_claiming_and_subscribing_exist() -> None:
    """What the daemon's first move needs is there, under the nickname's words."""
    claim = operations.events.claim_channel(channel_id="1.2", application="siaga112")
    assert claim.query == {"channelId": "1.2", "application": "siaga112"}
    subscribe = operations.applications.subscribe("siaga112", event_source="channel:1.2")
    assert subscribe.query == {"eventSource": "channel:1.2"}


def test_required_parameters_are_required() -> None:
    """Leaving out what Asterisk needs is an error here, not a 400 there."""
    with pytest.raises(TypeError, match="endpoint"):
        operations.channels.originate()  # type: ignore[call-arg]


def test_operations_bring_no_network_with_them() -> None:
    """The translation imports operations; it must not import a loop or an HTTP client."""
    program = (
        "import sys, json, siaga112.ari.operations;"
        "print(json.dumps([m for m in ('aiohttp', 'asyncio', 'pydantic') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603
    assert json.loads(done.stdout) == []
