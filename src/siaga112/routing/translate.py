"""The only place that knows both vocabularies: Asterisk's and the core's.

From ARI events to the core's events, from commands to ARI requests, and from what Asterisk lists to a
snapshot. Knows no state: whose a channel is, its id says. Every event that is not named here means nothing
to the core.
"""

from collections.abc import Iterable
from typing import Any, Final, assert_never

from siaga112.ari import models
from siaga112.ari.errors import AriError
from siaga112.ari.operations import applications, bridges, channels, endpoints, events, playbacks
from siaga112.ari.request import Request
from siaga112.routing import ids
from siaga112.routing.causes import CAUSES
from siaga112.routing.commands import (
    Admit,
    Announce,
    Answer,
    Beep,
    Claim,
    Command,
    Confirm,
    Connect,
    Dismiss,
    DropBridge,
    HandOver,
    Hangup,
    Lease,
    Originate,
    Play,
    StartHold,
    StopPlay,
    Tap,
    Unbridge,
    Untap,
    Watch,
)
from siaga112.routing.events import (
    CallArrived,
    CallerEntered,
    CodeDialled,
    Event,
    KeyPressed,
    LegAnswered,
    LegGone,
    LegRinging,
    LegSight,
    PhonesSeen,
    PromptEnded,
    Snapshot,
)
from siaga112.routing.words import CALLER, CallId, ChannelId, Failure, LegId, NumberSource, Why

HOLD_SOUND: Final = "siaga112"
"""The music class of musiconhold.conf."""

_LEASE: Final = "TIMEOUT(absolute)"

_TRUNK: Final = "trunk"
_CODE: Final = "code"
_ARRIVAL_CONTEXT: Final = "siaga112-arrival"
"""Where extensions.conf holds a caller out to us, whatever the trunk's own context is called."""

NOT_FOUND: Final = 404

_SOURCES: Final = {source.value: source for source in NumberSource}


class Translator:
    """Translates for one centre and one Stasis application."""

    def __init__(self, centre: str, app: str, ear: str = "127.0.0.1:0") -> None:
        self._centre = centre
        self._app = app
        self.ear = ear
        """Where the ear takes callers' sound: host and port."""

    # From Asterisk to the core.

    def events(self, event: models.Event) -> tuple[Event, ...]:
        """Say what an ARI event means; most mean nothing."""
        match event:
            case models.CallBroadcast(channel=channel):
                return (self._arrival(channel, must_claim=True),)
            case models.StasisStart(channel=channel, args=args):
                return self._entered(channel, args)
            case models.ChannelStateChange(channel=channel) if channel.state == "Ringing":
                ours = ids.read(channel.id)
                return (LegRinging(ours.call_id, LegId(ours.n)),) if ours else ()
            case models.ChannelHangupRequest(channel=channel, cause=cause):
                return self._gone(channel, cause)
            case models.ChannelDestroyed(channel=channel, cause=cause):
                return self._gone(channel, cause)
            case models.StasisEnd(channel=channel):
                call_id, leg = self._leg(channel)
                return (LegGone(call_id, leg, Why.LEFT),)
            case models.PlaybackFinished(playback=playback):
                ours = ids.read(playback.id)
                return (PromptEnded(ours.call_id, ours.n),) if ours else ()
            case models.ChannelDtmfReceived(channel=channel, digit=digit):
                call_id, leg = self._leg(channel)
                return (KeyPressed(call_id, leg, digit),)
            case _:
                return ()

    def _leg(self, channel: models.Channel) -> tuple[CallId, LegId]:
        return ids.leg_of(self._centre, channel.id)

    def _arrival(self, channel: models.Channel, *, must_claim: bool) -> CallArrived:
        told = channel.channelvars or {}
        source = _SOURCES.get(told.get("S112_CLI", ""), NumberSource.NONE)
        return CallArrived(
            call_id=ids.call_id(self._centre, channel.id),
            channel_id=ChannelId(channel.id),
            number=channel.caller.number or None if source is not NumberSource.NONE else None,
            number_source=source,
            restricted=told.get("S112_CLIR") == "1",
            dialled=told.get("S112_DIALLED") or channel.dialplan.exten,
            recording=told.get("S112_RECORDING") or None,
            must_claim=must_claim,
        )

    def _entered(self, channel: models.Channel, args: list[str]) -> tuple[Event, ...]:
        ours = ids.read(channel.id)
        if ours is not None:
            return (LegAnswered(ours.call_id, LegId(ours.n)),)
        match args:
            case [word, code, endpoint, *_] if word == _CODE:
                return (CodeDialled(ChannelId(channel.id), f"PJSIP/{endpoint}", code),)
            case [word, *_] if word == _TRUNK:
                arrival = self._arrival(channel, must_claim=False)
                return (arrival, CallerEntered(arrival.call_id))
            case _:
                return ()

    def _gone(self, channel: models.Channel, cause: int | None) -> tuple[Event, ...]:
        call_id, leg = self._leg(channel)
        why = CAUSES.get(cause, Why.BROKEN)
        return (LegGone(call_id, leg, why, cause),)

    def asks_for_phones(self) -> Request:
        """Ask which phones can be reached; `phones_of` reads the answer.

        Subscribing to the endpoints would tell it too, and double every event of their channels.
        """
        return endpoints.list_by_tech("PJSIP")

    def phones_of(self, phones: Any) -> PhonesSeen:
        """Read the answer to `asks_for_phones`."""
        seen = [models.Endpoint.model_validate(one) for one in phones]
        return PhonesSeen(_reached(seen), _busy(seen))

    def asks_for_sound(self, call_id: CallId, leg: LegId) -> Request:
        """Ask how much has been heard from an agent's phone; `sound_of` reads the answer."""
        return channels.rtpstatistics(ids.agent_channel(call_id, leg))

    def sound_of(self, statistics: Any) -> int:
        """Read the answer to `asks_for_sound`: packets that came."""
        return int(statistics["rxcount"])

    def looks(self) -> tuple[Request, ...]:
        """Say what must be asked for a snapshot: `snapshot_of` takes the answers in this order."""
        return (channels.list(), bridges.list(), applications.get(self._app), endpoints.list())

    def snapshot_of(self, listed: Any, bridged: Any, application: Any, phones: Any) -> Snapshot:
        """Read the answers to `looks`."""
        return self.snapshot(
            [models.Channel.model_validate(one) for one in listed],
            [models.Bridge.model_validate(one) for one in bridged],
            models.Application.model_validate(application),
            [models.Endpoint.model_validate(one) for one in phones],
        )

    def snapshot(
        self,
        listed: Iterable[models.Channel],
        bridged: Iterable[models.Bridge],
        application: models.Application,
        phones: Iterable[models.Endpoint],
    ) -> Snapshot:
        """Say what Asterisk really has, from its lists."""
        ours = set(application.channel_ids)
        legs: dict[tuple[CallId, LegId], LegSight] = {}
        arrivals, taps, seen = [], set(), list(phones)
        desks: dict[ChannelId, CallId | None] = {}
        for channel in listed:
            named = ids.read(channel.id)
            if named is not None and named.what != "agent":
                taps |= {(named.call_id, named.n)} if named.what == "tap" else set()
                continue
            legs[self._leg(channel)] = LegSight(up=channel.state == "Up", ours=channel.id in ours)
            if named is None and channel.id in ours and channel.dialplan.exten.startswith("*"):
                desks[ChannelId(channel.id)] = None
            waits = channel.dialplan.context == _ARRIVAL_CONTEXT and channel.id in ours
            if waits and ids.read(channel.id) is None:
                arrivals.append(self._arrival(channel, must_claim=False))
        found = {}
        for bridge in bridged:
            name = ids.read(bridge.id)
            if name is not None:
                inside = [ids.leg_of(self._centre, one) for one in bridge.channels]
                # A prompt to those who talk is a channel, too.
                found[name.call_id] = frozenset(leg for call, leg in inside if call == name.call_id)
                desks |= {ChannelId(one): name.call_id for one in bridge.channels if one in desks}
        return Snapshot(legs, tuple(arrivals), found, _reached(seen), frozenset(taps), _busy(seen), desks)

    # From the core to Asterisk.

    def requests(self, command: Command) -> tuple[Request, ...]:
        """Say how a command is carried out: these requests, in this order."""
        match command:
            case Claim(_, channel_id):
                return (events.claim_channel(channel_id=channel_id, application=self._app),)
            case Answer(_, channel_id):
                return (channels.answer(channel_id),)
            case Play(call_id, channel_id, n, prompt, language):
                name, media = ids.playback(call_id, n), f"sound:siaga112/{prompt}"
                return (channels.play_with_id(channel_id, name, media=media, lang=language),)
            case Announce(call_id, n, prompt, language):
                name, media = ids.playback(call_id, n), f"sound:siaga112/{prompt}"
                return (bridges.play_with_id(ids.bridge(call_id), name, media=media, lang=language),)
            case StopPlay(call_id, n):
                return (playbacks.stop(ids.playback(call_id, n)),)
            case StartHold(_, channel_id):
                return (channels.start_moh(channel_id, moh_class=HOLD_SOUND),)
            case Lease(_, channel_id, seconds):
                return (channels.set_channel_var(channel_id, variable=_LEASE, value=str(seconds)),)
            case Originate():
                return (self._originate(command),)
            case Hangup(_, leg, channel_id, elsewhere):
                reason = "answered_elsewhere" if elsewhere else "normal"
                return (channels.hangup(channel_id, reason=None if leg == CALLER else reason),)
            case Connect(call_id, legs):
                name = ids.bridge(call_id)
                # Asterisk keeps the sound in its own hands so that it hears the keys, too.
                made = bridges.create_with_id(name, type="mixing,dtmf_events", name=name)
                return (made, _into(call_id, *legs))
            case Unbridge(call_id, channel_id):
                return (bridges.remove_channel(ids.bridge(call_id), channel=channel_id),)
            case DropBridge(call_id):
                return (bridges.destroy(ids.bridge(call_id)),)
            case HandOver(_, channel_id, aside):
                return (_continue(channel_id, "siaga112-aside" if aside else "siaga112-fallback", "s"),)
            case Tap(call_id, channel_id, n, _):
                tap = ids.tap(call_id, n)
                port = channels.get_channel_var(tap, variable="UNICASTRTP_LOCAL_PORT")
                return (self._tap(tap, channel_id), port)
            case Untap(call_id, n, hang_up):
                return (channels.hangup(ids.tap(call_id, n)),) if hang_up else ()
            case Beep(call_id, _, channel_id):
                return (_beep(call_id, channel_id),)
            case Admit(call_id, channel_id):
                # No dialplan takes who talks out of the talk; so late, because it would where nobody talks.
                talks = channels.set_channel_var(channel_id, variable=_LEASE, value="0")
                return (channels.answer(channel_id), _into(call_id, channel_id), talks)
            case Dismiss(channel_id):
                return (channels.hangup(channel_id),)
            case Confirm(channel_id, confirmation):
                return (_continue(channel_id, "siaga112-say", confirmation.value),)
            case Watch(channel_id, watching, watched):
                told = channels.set_channel_var(channel_id, variable="S112_WATCHED", value=watched)
                return (told, _continue(channel_id, "siaga112-watch", watching.value))
            case _:
                assert_never(command)

    def _originate(self, command: Originate) -> Request:
        return channels.originate(
            endpoint=command.endpoint,
            app=self._app,
            caller_id=command.caller_number or "112",
            timeout=command.timeout,
            channel_id=ids.agent_channel(command.call_id, command.leg),
            originator=command.caller_channel,
        )

    def _tap(self, tap: ChannelId, caller: ChannelId) -> Request:
        """A channel that sends to the ear what the caller says, and nothing else (see extensions.conf).

        The second request of a tap asks where it comes from, by which the ear tells callers apart. Asterisk
        makes the channel before it answers the first, so both can be sent at once.
        """
        return channels.originate(
            endpoint=f"UnicastRTP/{self.ear}/c(alaw)",
            formats="alaw",
            context="siaga112-ear",
            extension="s",
            priority=1,
            channel_id=tap,
            variables={"S112_EAR": caller},
        )


def _into(call_id: CallId, *legs: ChannelId) -> Request:
    return bridges.add_channel(ids.bridge(call_id), channel=legs)


def _beep(call_id: CallId, channel_id: ChannelId) -> Request:
    return channels.originate(
        endpoint="Local/beep@siaga112-ear/n",
        context="siaga112-ear",
        extension="whisper",
        priority=1,
        channel_id=ids.beep(call_id, 1),
        other_channel_id=ids.beep(call_id, 2),
        variables={"S112_EAR": channel_id},
    )


def failure_of(command: Command, request: Request, error: AriError) -> Failure | None:
    """Say what a failed request means for its command; None: nothing, it is as it should be."""
    if not error.status:
        return Failure.LOST
    if isinstance(command, Untap) and error.status == NOT_FOUND:
        return None  # It ended with its caller.
    if isinstance(command, Connect) and error.status in {400, 409}:
        # The bridge is there already; or a channel that was to join it is not there any more.
        return Failure.GONE if request.path.endswith("/addChannel") else None
    return Failure.GONE if error.status in {404, 409, 422} else Failure.REFUSED


def _continue(channel_id: ChannelId, context: str, extension: str) -> Request:
    return channels.continue_in_dialplan(channel_id, context=context, extension=extension, priority=1)


def _busy(phones: Iterable[models.Endpoint]) -> frozenset[str]:
    return frozenset(f"{one.technology}/{one.resource}" for one in phones if one.channel_ids)


def _reached(phones: Iterable[models.Endpoint]) -> frozenset[str]:
    return frozenset(f"{one.technology}/{one.resource}" for one in phones if one.state == "online")
