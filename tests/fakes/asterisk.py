"""One model of Asterisk: what it has, what it answers to a request, which events it sends.

Pure: no sockets, no time, no chance. What the outside may do next (`possible`) is for a test to choose,
which is how the exploration walks every order of events; `tests/service` puts the same model behind HTTP
and a websocket. Behaviour was read off Asterisk 22.10 (see `tests/asterisk` for the real one).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final
from urllib.parse import unquote

from siaga112.ari.request import Request

APP: Final = "siaga112"
_TIME: Final = "2026-01-01T00:00:00.000+0000"


@dataclass(frozen=True, slots=True)
class Chan:
    """A channel: a caller's from the trunk, or a phone's that we ring."""

    id: str
    name: str
    state: str
    place: str
    """broadcast (may be claimed), app (in our hands), dial (rings a phone), dialplan (fallback, say)."""
    number: str = ""
    trunk: bool = False
    args: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    """What was played to it or spoken; for tests to look at."""
    music: bool = False
    """Hears the hold music."""
    lease: int = 45
    """Seconds after which the dialplan takes it back; 0: never."""
    spies: str = ""
    """The channel that a tap hears: it ends with that one."""


@dataclass(slots=True)
class AsteriskModel:
    """Everything a small Asterisk has; `events` is what it sent and nobody took yet."""

    channels: dict[str, Chan] = field(default_factory=dict)
    bridges: dict[str, tuple[str, ...]] = field(default_factory=dict)
    playbacks: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    """Endpoint to online or offline."""
    sound: dict[str, int] = field(default_factory=dict)
    """Channel to packets that came from it."""
    events: list[dict[str, Any]] = field(default_factory=list)
    stalled: list[str] = field(default_factory=list)
    """Requests that a real Asterisk would not answer before a prompt has ended, nor any behind them."""
    born: int = 0
    listening: bool = True
    """Whether anybody holds the application's socket; events to nobody are lost."""

    def copy(self) -> "AsteriskModel":
        """Make an independent copy."""
        return replace(
            self,
            channels=dict(self.channels),
            bridges=dict(self.bridges),
            playbacks=dict(self.playbacks),
            phones=dict(self.phones),
            events=list(self.events),
            stalled=list(self.stalled),
        )

    # What the outside does.

    def invite(self, number: str = "0811", *, claim: bool = True) -> str:
        """A caller dials 112."""
        self.born += 1
        name = f"1760000000.{self.born}"
        place = "broadcast" if claim else "app"
        self.channels[name] = Chan(name, f"PJSIP/trunk-{self.born:08x}", "Ring", place, number, trunk=True)
        if not self.listening:
            self._change(name, place="dialplan")
        elif claim:
            self._tell("CallBroadcast", channel=self._json(name))
        else:
            self._tell("StasisStart", channel=self._json(name), args=["trunk"])
        return name

    def dial_code(self, endpoint: str, code: str) -> str:
        """A call-taker dials a feature code."""
        self.born += 1
        name = f"1760000000.{self.born}"
        args = ("code", code, endpoint.removeprefix("PJSIP/"))
        self.channels[name] = Chan(name, f"{endpoint}-{self.born:08x}", "Ring", "app", args=args)
        self._tell("StasisStart", channel=self._json(name), args=list(args))
        return name

    def rings(self, channel: str) -> None:
        """The phone says 180."""
        self._change(channel, state="Ringing")
        self._tell("ChannelStateChange", channel=self._json(channel))

    def picks_up(self, channel: str) -> None:
        """The phone says 200."""
        self._change(channel, state="Up", place="app")
        self._tell("ChannelStateChange", channel=self._json(channel))
        self._tell("StasisStart", channel=self._json(channel), args=[])

    def hangs_up(self, channel: str, cause: int = 16) -> None:
        """The far end of a channel ends it (BYE, CANCEL, or a final response to our INVITE)."""
        self._destroy(channel, cause)

    def presses(self, channel: str, digit: str) -> None:
        """A key is pressed on the far end."""
        event = {"digit": digit, "duration_ms": 100, "channel": self._json(channel)}
        self._tell("ChannelDtmfReceived", **event)

    def dials(self, channel: str, keys: str) -> None:
        """A whole code is pressed during a talk."""
        for digit in keys:
            self.presses(channel, digit)

    def claim_times_out(self, channel: str) -> None:
        """Nobody claimed the call in time: the dialplan goes on to its fallback."""
        self._change(channel, place="dialplan")

    def playback_ends(self, playback: str) -> None:
        """A prompt was played to its end."""
        self._finish(playback)

    def possible(self) -> list[tuple[str, Callable[["AsteriskModel"], None]]]:
        """List what the outside may do next, each with its name."""
        found: list[tuple[str, Callable[[AsteriskModel], None]]] = []
        for one in self.channels.values():
            found += _moves(one)
        return found + [_end_of(one) for one in self.playbacks]

    # What we ask for.

    def ask(self, request: Request) -> tuple[int, Any]:
        """Carry a request out: its HTTP status and body."""
        parts = [unquote(one) for one in request.path.strip("/").split("/")]
        match request.method, parts:
            case "POST", ["events", "claim"]:
                return self._claim(request.query["channelId"])
            case "POST", ["channels"]:
                return self._originate(request)
            case "GET", ["channels"]:
                return 200, [self._json(one) for one in self.channels]
            case "GET", ["channels", channel, "rtp_statistics"]:
                return (
                    (200, {"rxcount": self.sound.get(channel, 0)}) if channel in self.channels else (404, {})
                )
            case "GET", ["bridges"]:
                return 200, [self._bridge(one) for one in self.bridges]
            case "GET", ["endpoints"] | ["endpoints", "PJSIP"]:
                return 200, [self._endpoint(one) for one in self.phones]
            case "GET", ["applications", _]:
                return 200, self._application()
            case "GET", ["channels", channel, "variable"]:
                known = self.channels.get(channel)
                return (404, None) if known is None else (200, {"value": "20000"})
            case "DELETE", ["channels", channel]:
                return self._hang_up(channel, request.query.get("reason"))
            case _, ["channels", channel, *verb]:
                return self._in_app(channel, verb, request.query)
            case "DELETE", ["playbacks", playback]:
                return (204, None) if self._finish(playback) else (404, None)
            case "POST", ["bridges", bridge]:
                if bridge in self.bridges:
                    return 409, None
                self.bridges[bridge] = ()
                return 200, self._bridge(bridge)
            case "POST", ["bridges", bridge, "addChannel"]:
                return self._add(bridge, request.query["channel"].split(","))
            case "POST", ["bridges", bridge, "removeChannel"]:
                return self._remove(bridge, request.query["channel"])
            case "POST", ["bridges", bridge, "play", playback]:
                if bridge not in self.bridges:
                    return 404, None
                self.playbacks[playback] = bridge
                return 201, self._playback(playback, "queued")
            case "DELETE", ["bridges", bridge]:
                self._silence(bridge)
                return (404, None) if self.bridges.pop(bridge, None) is None else (204, None)
            case _:
                return 404, None

    def _claim(self, channel: str) -> tuple[int, Any]:
        known = self.channels.get(channel)
        if known is None or known.place == "dialplan":
            return 404, None
        if known.place != "broadcast":
            return 409, None
        self._change(channel, place="app")
        self._tell("StasisStart", channel=self._json(channel), args=["trunk"])
        return 204, None

    def _spy(self, endpoint: str, channel: str, spied: str) -> tuple[int, Any]:
        """A tap, or a beep, which is over at once; neither makes events."""
        if endpoint.startswith("UnicastRTP/"):
            self.born += 1
            name = f"{endpoint}-{self.born:08x}"
            if spied in self.channels:
                self.channels[channel] = Chan(channel, name, "Up", "dialplan", spies=spied)
        elif spied in self.channels:
            self._change(spied, heard=(*self.channels[spied].heard, "beep"))
        return 200, {"id": channel}

    def _originate(self, request: Request) -> tuple[int, Any]:
        query = request.query
        endpoint, channel = query["endpoint"], query["channelId"]
        if channel in self.channels:
            return 409, None
        if query.get("context") == "siaga112-ear":
            return self._spy(endpoint, channel, (request.body or {})["variables"]["S112_EAR"])
        if self.phones.get(endpoint, "offline") != "online":
            return 500, {"error": "Allocation failed"}
        self.born += 1
        number = query.get("callerId", "")
        name = f"{endpoint}-{self.born:08x}"
        self.channels[channel] = Chan(channel, name, "Down", "dial", number)
        return 200, self._json(channel)

    def _hang_up(self, channel: str, reason: str | None) -> tuple[int, Any]:
        if channel not in self.channels:
            return 404, None
        self._destroy(channel, 26 if reason == "answered_elsewhere" else 16)
        return 204, None

    def _in_app(self, channel: str, verb: list[str], query: Any) -> tuple[int, Any]:
        known = self.channels.get(channel)
        if known is None:
            return 404, None
        if verb in (["variable"], ["answer"]) and channel in self.playbacks.values():
            self.stalled.append(f"{verb[0]} behind a prompt")
        if verb == ["variable"]:
            if query["variable"] == "TIMEOUT(absolute)":
                self._change(channel, lease=int(query["value"]))
            return 204, None
        if known.place != "app":
            return 409, None
        if verb[:1] == ["play"] and any(channel in inside for inside in self.bridges.values()):
            self.stalled.append("play to a channel in a bridge")
        match verb:
            case ["answer"]:
                self._change(channel, state="Up")
                self._tell("ChannelStateChange", channel=self._json(channel))
            case ["play", playback]:
                self.playbacks[playback] = channel
                self._change(channel, heard=(*known.heard, query["media"]), music=False)
                return 201, self._playback(playback, "queued")
            case ["continue"]:
                self._silence(channel)
                said = f"{query['context']}/{query['extension']}"
                self._change(channel, place="dialplan", heard=(*known.heard, said))
                self._tell("StasisEnd", channel=self._json(channel))
                self._unbridge(channel)
            case ["moh"]:
                self._change(channel, music=True)
            case _:
                pass
        return 204, None

    def _remove(self, bridge: str, channel: str) -> tuple[int, Any]:
        if bridge not in self.bridges:
            return 404, None
        known = self.channels.get(channel)
        if known is None or known.place != "app" or channel not in self.bridges[bridge]:
            return (400, None) if known is None else (409, None)
        self._unbridge(channel)
        return 204, None

    def _add(self, bridge: str, channels: list[str]) -> tuple[int, Any]:
        if bridge not in self.bridges:
            return 404, None
        for channel in channels:
            known = self.channels.get(channel)
            if channel in self.playbacks.values():
                self.stalled.append("addChannel behind a prompt")
            if known is None:
                return 400, None
            if known.place != "app":
                return 422, None
        for channel in channels:
            self._unbridge(channel)
            self._change(channel, music=False)
            self.bridges[bridge] = (*self.bridges[bridge], channel)
        return 204, None

    # What changes.

    def _change(self, channel: str, **changes: Any) -> None:
        self.channels[channel] = replace(self.channels[channel], **changes)

    def _destroy(self, channel: str, cause: int) -> None:
        """End a channel; a caller's gets no ChannelDestroyed, as its application's interest has ended."""
        known = self.channels[channel]
        self._silence(channel)
        self._unbridge(channel)
        if known.place == "app":
            self._tell("ChannelHangupRequest", channel=self._json(channel), cause=cause)
            self._tell("StasisEnd", channel=self._json(channel))
        if not known.trunk and known.place != "dialplan":
            text = {"cause": cause, "cause_txt": "", "channel": self._json(channel)}
            self._tell("ChannelDestroyed", **text)
        del self.channels[channel]
        for tap in [one.id for one in self.channels.values() if one.spies == channel]:
            del self.channels[tap]

    def _silence(self, channel: str) -> None:
        for playback in [one for one, where in self.playbacks.items() if where == channel]:
            self._finish(playback)

    def _finish(self, playback: str) -> bool:
        if self.playbacks.pop(playback, None) is None:
            return False
        self._tell("PlaybackFinished", playback=self._playback(playback, "done"))
        return True

    def _unbridge(self, channel: str) -> None:
        for bridge, inside in self.bridges.items():
            self.bridges[bridge] = tuple(one for one in inside if one != channel)

    # What it looks like in JSON.

    def _tell(self, kind: str, **members: Any) -> None:
        if self.listening:
            self.events.append({"type": kind, "application": APP, "timestamp": _TIME, **members})

    def _json(self, channel: str) -> dict[str, Any]:
        known = self.channels[channel]
        context = {"dial": "", "dialplan": "siaga112-fallback"}.get(known.place, "")
        if known.trunk and known.place != "dialplan":
            context = "siaga112-arrival"
        dialled = known.args[1] if known.args else "112"
        plan = {"context": context, "exten": dialled, "priority": 1, "app_name": "", "app_data": ""}
        source = {"S112_CLI": "pai" if known.number else "none", "S112_CLIR": "0"}
        return {
            "id": channel,
            "protocol_id": "",
            "name": known.name,
            "state": known.state,
            "caller": {"name": "", "number": known.number},
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": plan,
            "creationtime": _TIME,
            "language": "id",
            "channelvars": source if known.trunk else {},
        }

    def _bridge(self, bridge: str) -> dict[str, Any]:
        return {
            "id": bridge,
            "technology": "simple_bridge",
            "bridge_type": "mixing",
            "bridge_class": "stasis",
            "creator": "Stasis",
            "name": bridge,
            "channels": list(self.bridges[bridge]),
            "creationtime": _TIME,
        }

    def _playback(self, playback: str, state: str) -> dict[str, Any]:
        uri = f"channel:{self.playbacks.get(playback, '')}"
        return {"id": playback, "media_uri": "sound:x", "target_uri": uri, "language": "id", "state": state}

    def _endpoint(self, endpoint: str) -> dict[str, Any]:
        technology, _, resource = endpoint.partition("/")
        state = self.phones[endpoint]
        return {"technology": technology, "resource": resource, "state": state, "channel_ids": []}

    def _application(self) -> dict[str, Any]:
        ours = [one.id for one in self.channels.values() if one.place in {"app", "dial"}]
        return {
            "name": APP,
            "channel_ids": ours,
            "bridge_ids": list(self.bridges),
            "endpoint_ids": [],
            "device_names": [],
            "events_allowed": [],
            "events_disallowed": [],
        }


def _end_of(playback: str) -> tuple[str, Callable[[AsteriskModel], None]]:
    return f"ends {playback}", lambda m: m.playback_ends(playback)


def _press(model: AsteriskModel, channel: str, key: str) -> None:
    model.presses(channel, key)


def _dial(model: AsteriskModel, channel: str, code: str) -> None:
    model.dials(channel, code)


CODES: Final = ("*4", "*21#", "*31#", "*2102#")
"""Hold, transfer to an agency, an agency joins, transfer to a colleague."""


def _moves(one: Chan) -> list[tuple[str, Callable[[AsteriskModel], None]]]:
    """What may happen to one channel from outside."""
    name = one.id
    if one.spies:
        return []
    moves: list[tuple[str, Callable[[AsteriskModel], None]]] = []
    if one.place == "dial":
        if one.state == "Down":
            moves.append((f"rings {name}", lambda m: m.rings(name)))
        moves.append((f"picks up {name}", lambda m: m.picks_up(name)))
        moves.append((f"is busy {name}", lambda m: m.hangs_up(name, 17)))
    elif one.place == "broadcast":
        moves.append((f"claim times out {name}", lambda m: m.claim_times_out(name)))
        moves.append((f"hangs up {name}", lambda m: m.hangs_up(name)))
    else:
        moves.append((f"hangs up {name}", lambda m: m.hangs_up(name)))
        if one.place == "app" and one.trunk and one.state == "Up":
            moves += [(f"presses {key} {name}", partial(_press, channel=name, key=key)) for key in "125*"]
        if one.place == "app" and not one.trunk:
            moves.append((f"breaks {name}", lambda m: m.hangs_up(name, 41)))
        if one.place == "app" and one.name.startswith("PJSIP/1"):
            moves += [(f"dials {code} {name}", partial(_dial, channel=name, code=code)) for code in CODES]
    return moves
