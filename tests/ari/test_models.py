"""Events come out typed, and whatever is not an event comes out as something that says so."""

from datetime import datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from siaga112.ari import models
from siaga112.ari.errors import BadEventError
from tests.ari import samples


def test_an_event_is_the_class_that_its_type_names() -> None:
    """Members are typed down to the channel variables and the time's zone."""
    got = models.parse_event(samples.text("StasisStart", args=["trunk"], channel=samples.CHANNEL))
    assert isinstance(got, models.StasisStart)
    assert got.args == ["trunk"]
    assert got.channel.channelvars == {"S112_CLI": "pai"}
    jakarta = timezone(timedelta(hours=7))
    assert got.timestamp == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=jakarta)


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("CallBroadcast", {"channel": samples.CHANNEL, "caller": "0812", "called": "112"}),
        ("CallClaimed", {"channel": samples.CHANNEL, "winner_app": "siaga112"}),
    ],
)
def test_events_of_broadcast_calls_are_known(kind: str, members: dict[str, object]) -> None:
    """The claim of a call is new in 22.10 and the first thing we live on."""
    assert type(models.parse_event(samples.text(kind, **members))).__name__ == kind


def test_what_is_not_required_may_be_missing_and_what_is_new_is_ignored() -> None:
    """Older and newer releases of Asterisk send less and more than the one described."""
    channel = {k: v for k, v in samples.CHANNEL.items() if k != "channelvars"} | {"novel": 1}
    got = models.parse_event(samples.event("StasisEnd", channel=channel, more=[]))
    assert isinstance(got, models.StasisEnd)
    assert got.channel.channelvars is None


def test_an_unknown_type_is_named_and_not_raised() -> None:
    """A release to come may send events that this one has never heard of."""
    assert models.parse_event(samples.text("MoonRose")) == models.UnknownEvent("MoonRose")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("{", "not_json"),
        (b'"\xff"', "not_json"),
        ("[]", "bad_shape"),
        ("{}", "bad_shape"),
        ('{"type": "StasisStart"}', "bad_shape"),
        (samples.text("StasisStart", args=[], channel={"id": "1"}), "bad_shape"),
    ],
)
def test_what_is_no_event_raises_one_typed_error(data: bytes | str, kind: str) -> None:
    """Whoever reads frames has one exception to count."""
    with pytest.raises(BadEventError) as caught:
        models.parse_event(data)
    assert caught.value.kind == kind


def test_the_error_repeats_no_value() -> None:
    """A caller's number must not reach a log by way of an error text."""
    channel = samples.CHANNEL | {"caller": samples.CALLER | {"name": 7}}
    with pytest.raises(BadEventError) as caught:
        models.parse_event(samples.text("StasisStart", args=[], channel=channel))
    assert samples.CALLER["number"] not in repr(caught.value) + str(caught.value)
    assert "channel.caller.name" in str(caught.value)


def test_models_are_frozen() -> None:
    """An event is a fact; nobody on its way may change it."""
    channel = models.Channel.model_validate(samples.CHANNEL)
    with pytest.raises(ValidationError, match="frozen"):
        channel.state = "Up"  # type: ignore[misc]


def test_a_member_with_a_reserved_name_is_reachable() -> None:
    """`from` is a word of Python's: it is `from_` here and `from` on the wire."""
    got = models.TextMessage.model_validate({"from": "a", "to": "b", "body": "c"})
    assert got.from_ == "a"
