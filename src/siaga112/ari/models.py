"""What Asterisk sends, as frozen pydantic models. Generated; do not edit.

Written by `python -m siaga112.ari.generate` from the rest-api descriptions (names and types only),
and therefore longer than a file written by hand may be. A member that a description calls required
is required here, every other one may be missing, and members that none names are ignored.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from siaga112.ari import reading


class Model(BaseModel):
    """What all models have in common."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Application(Model):
    """Application in applications.json."""

    name: str
    channel_ids: list[str]
    bridge_ids: list[str]
    endpoint_ids: list[str]
    device_names: list[str]
    events_allowed: list[dict[str, Any]]
    events_disallowed: list[dict[str, Any]]


class BuildInfo(Model):
    """BuildInfo in asterisk.json."""

    os: str
    kernel: str
    options: str
    machine: str
    date: str
    user: str


class SystemInfo(Model):
    """SystemInfo in asterisk.json."""

    version: str
    entity_id: str


class SetId(Model):
    """SetId in asterisk.json."""

    user: str
    group: str


class ConfigInfo(Model):
    """ConfigInfo in asterisk.json."""

    name: str
    default_language: str
    setid: SetId
    max_channels: int | None = None
    max_open_files: int | None = None
    max_load: float | None = None


class StatusInfo(Model):
    """StatusInfo in asterisk.json."""

    startup_time: datetime
    last_reload_time: datetime


class AsteriskInfo(Model):
    """AsteriskInfo in asterisk.json."""

    build: BuildInfo | None = None
    system: SystemInfo | None = None
    config: ConfigInfo | None = None
    status: StatusInfo | None = None


class AsteriskPing(Model):
    """AsteriskPing in asterisk.json."""

    asterisk_id: str
    ping: str
    timestamp: str


class Module(Model):
    """Module in asterisk.json."""

    name: str
    description: str
    use_count: int
    status: str
    support_level: str


class LogChannel(Model):
    """LogChannel in asterisk.json."""

    channel: str
    type: str
    status: str
    configuration: str


class Variable(Model):
    """Variable in asterisk.json."""

    value: str


class Variables(Model):
    """Variables in asterisk.json."""

    variables: dict[str, str]


class ConfigTuple(Model):
    """ConfigTuple in asterisk.json."""

    attribute: str
    value: str


class Bridge(Model):
    """Bridge in bridges.json."""

    id: str
    technology: str
    bridge_type: str
    bridge_class: str
    creator: str
    name: str
    channels: list[str]
    creationtime: datetime
    video_mode: str | None = None
    video_source_id: str | None = None
    bridgevars: dict[str, str] | None = None


class Dialed(Model):
    """Dialed in channels.json."""


class DialplanCEP(Model):
    """DialplanCEP in channels.json."""

    context: str
    exten: str
    priority: int
    app_name: str
    app_data: str


class CallerID(Model):
    """CallerID in channels.json."""

    name: str
    number: str


class RTPstat(Model):
    """RTPstat in channels.json."""

    txcount: int
    rxcount: int
    txploss: int
    rxploss: int
    local_ssrc: int
    remote_ssrc: int
    txoctetcount: int
    rxoctetcount: int
    channel_uniqueid: str
    txjitter: float | None = None
    rxjitter: float | None = None
    remote_maxjitter: float | None = None
    remote_minjitter: float | None = None
    remote_normdevjitter: float | None = None
    remote_stdevjitter: float | None = None
    local_maxjitter: float | None = None
    local_minjitter: float | None = None
    local_normdevjitter: float | None = None
    local_stdevjitter: float | None = None
    remote_maxrxploss: float | None = None
    remote_minrxploss: float | None = None
    remote_normdevrxploss: float | None = None
    remote_stdevrxploss: float | None = None
    local_maxrxploss: float | None = None
    local_minrxploss: float | None = None
    local_normdevrxploss: float | None = None
    local_stdevrxploss: float | None = None
    rtt: float | None = None
    maxrtt: float | None = None
    minrtt: float | None = None
    normdevrtt: float | None = None
    stdevrtt: float | None = None


class Channel(Model):
    """Channel in channels.json."""

    id: str
    protocol_id: str
    name: str
    state: str
    caller: CallerID
    connected: CallerID
    accountcode: str
    dialplan: DialplanCEP
    creationtime: datetime
    language: str
    channelvars: dict[str, str] | None = None
    caller_rdnis: str | None = None
    tenantid: str | None = None


class DeviceState(Model):
    """DeviceState in deviceStates.json."""

    name: str
    state: str


class Endpoint(Model):
    """Endpoint in endpoints.json."""

    technology: str
    resource: str
    channel_ids: list[str]
    state: str | None = None


class TextMessage(Model):
    """TextMessage in endpoints.json."""

    from_: str = Field(alias="from")
    to: str
    body: str
    variables: dict[str, str] | None = None


class Message(Model):
    """Message in events.json."""

    type: str
    asterisk_id: str | None = None


class MissingParams(Message):
    """MissingParams in events.json."""

    type: Literal["MissingParams"] = "MissingParams"
    params: list[str]


class BaseEvent(Message):
    """Event in events.json."""

    application: str
    timestamp: datetime


class ContactInfo(Model):
    """ContactInfo in events.json."""

    uri: str
    contact_status: str
    aor: str
    roundtrip_usec: str | None = None


class Peer(Model):
    """Peer in events.json."""

    peer_status: str
    cause: str | None = None
    address: str | None = None
    port: str | None = None
    time: str | None = None


class DeviceStateChanged(BaseEvent):
    """DeviceStateChanged in events.json."""

    type: Literal["DeviceStateChanged"] = "DeviceStateChanged"
    device_state: DeviceState


class Playback(Model):
    """Playback in playbacks.json."""

    id: str
    media_uri: str
    target_uri: str
    state: str
    next_media_uri: str | None = None
    language: str | None = None


class PlaybackStarted(BaseEvent):
    """PlaybackStarted in events.json."""

    type: Literal["PlaybackStarted"] = "PlaybackStarted"
    playback: Playback


class PlaybackContinuing(BaseEvent):
    """PlaybackContinuing in events.json."""

    type: Literal["PlaybackContinuing"] = "PlaybackContinuing"
    playback: Playback


class PlaybackFinished(BaseEvent):
    """PlaybackFinished in events.json."""

    type: Literal["PlaybackFinished"] = "PlaybackFinished"
    playback: Playback


class LiveRecording(Model):
    """LiveRecording in recordings.json."""

    name: str
    format: str
    target_uri: str
    state: str
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str | None = None


class RecordingStarted(BaseEvent):
    """RecordingStarted in events.json."""

    type: Literal["RecordingStarted"] = "RecordingStarted"
    recording: LiveRecording


class RecordingFinished(BaseEvent):
    """RecordingFinished in events.json."""

    type: Literal["RecordingFinished"] = "RecordingFinished"
    recording: LiveRecording


class RecordingFailed(BaseEvent):
    """RecordingFailed in events.json."""

    type: Literal["RecordingFailed"] = "RecordingFailed"
    recording: LiveRecording


class ApplicationMoveFailed(BaseEvent):
    """ApplicationMoveFailed in events.json."""

    type: Literal["ApplicationMoveFailed"] = "ApplicationMoveFailed"
    channel: Channel
    destination: str
    args: list[str]


class ApplicationRegistered(BaseEvent):
    """ApplicationRegistered in events.json."""

    type: Literal["ApplicationRegistered"] = "ApplicationRegistered"


class ApplicationUnregistered(BaseEvent):
    """ApplicationUnregistered in events.json."""

    type: Literal["ApplicationUnregistered"] = "ApplicationUnregistered"


class ApplicationReplaced(BaseEvent):
    """ApplicationReplaced in events.json."""

    type: Literal["ApplicationReplaced"] = "ApplicationReplaced"


class BridgeCreated(BaseEvent):
    """BridgeCreated in events.json."""

    type: Literal["BridgeCreated"] = "BridgeCreated"
    bridge: Bridge


class BridgeDestroyed(BaseEvent):
    """BridgeDestroyed in events.json."""

    type: Literal["BridgeDestroyed"] = "BridgeDestroyed"
    bridge: Bridge


class BridgeMerged(BaseEvent):
    """BridgeMerged in events.json."""

    type: Literal["BridgeMerged"] = "BridgeMerged"
    bridge: Bridge
    bridge_from: Bridge


class BridgeVideoSourceChanged(BaseEvent):
    """BridgeVideoSourceChanged in events.json."""

    type: Literal["BridgeVideoSourceChanged"] = "BridgeVideoSourceChanged"
    bridge: Bridge
    old_video_source_id: str | None = None


class BridgeBlindTransfer(BaseEvent):
    """BridgeBlindTransfer in events.json."""

    type: Literal["BridgeBlindTransfer"] = "BridgeBlindTransfer"
    channel: Channel
    exten: str
    context: str
    result: str
    is_external: bool
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    bridge: Bridge | None = None


class BridgeAttendedTransfer(BaseEvent):
    """BridgeAttendedTransfer in events.json."""

    type: Literal["BridgeAttendedTransfer"] = "BridgeAttendedTransfer"
    transferer_first_leg: Channel
    transferer_second_leg: Channel
    result: str
    is_external: bool
    destination_type: str
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    transfer_target: Channel | None = None
    transferer_first_leg_bridge: Bridge | None = None
    transferer_second_leg_bridge: Bridge | None = None
    destination_bridge: str | None = None
    destination_application: str | None = None
    destination_link_first_leg: Channel | None = None
    destination_link_second_leg: Channel | None = None
    destination_threeway_channel: Channel | None = None
    destination_threeway_bridge: Bridge | None = None


class ChannelCreated(BaseEvent):
    """ChannelCreated in events.json."""

    type: Literal["ChannelCreated"] = "ChannelCreated"
    channel: Channel


class ChannelDestroyed(BaseEvent):
    """ChannelDestroyed in events.json."""

    type: Literal["ChannelDestroyed"] = "ChannelDestroyed"
    cause: int
    cause_txt: str
    channel: Channel
    tech_cause: int | None = None


class ChannelEnteredBridge(BaseEvent):
    """ChannelEnteredBridge in events.json."""

    type: Literal["ChannelEnteredBridge"] = "ChannelEnteredBridge"
    bridge: Bridge
    channel: Channel | None = None


class ChannelLeftBridge(BaseEvent):
    """ChannelLeftBridge in events.json."""

    type: Literal["ChannelLeftBridge"] = "ChannelLeftBridge"
    bridge: Bridge
    channel: Channel


class ChannelStateChange(BaseEvent):
    """ChannelStateChange in events.json."""

    type: Literal["ChannelStateChange"] = "ChannelStateChange"
    channel: Channel


class ChannelDtmfReceived(BaseEvent):
    """ChannelDtmfReceived in events.json."""

    type: Literal["ChannelDtmfReceived"] = "ChannelDtmfReceived"
    digit: str
    duration_ms: int
    channel: Channel


class ChannelDialplan(BaseEvent):
    """ChannelDialplan in events.json."""

    type: Literal["ChannelDialplan"] = "ChannelDialplan"
    channel: Channel
    dialplan_app: str
    dialplan_app_data: str


class ChannelCallerId(BaseEvent):
    """ChannelCallerId in events.json."""

    type: Literal["ChannelCallerId"] = "ChannelCallerId"
    caller_presentation: int
    caller_presentation_txt: str
    channel: Channel


class ChannelUserevent(BaseEvent):
    """ChannelUserevent in events.json."""

    type: Literal["ChannelUserevent"] = "ChannelUserevent"
    eventname: str
    userevent: dict[str, Any]
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None


class ChannelHangupRequest(BaseEvent):
    """ChannelHangupRequest in events.json."""

    type: Literal["ChannelHangupRequest"] = "ChannelHangupRequest"
    channel: Channel
    cause: int | None = None
    tech_cause: int | None = None
    soft: bool | None = None


class ChannelVarset(BaseEvent):
    """ChannelVarset in events.json."""

    type: Literal["ChannelVarset"] = "ChannelVarset"
    variable: str
    value: str
    channel: Channel | None = None


class ChannelHold(BaseEvent):
    """ChannelHold in events.json."""

    type: Literal["ChannelHold"] = "ChannelHold"
    channel: Channel
    musicclass: str | None = None


class ChannelUnhold(BaseEvent):
    """ChannelUnhold in events.json."""

    type: Literal["ChannelUnhold"] = "ChannelUnhold"
    channel: Channel


class ChannelToneDetected(BaseEvent):
    """ChannelToneDetected in events.json."""

    type: Literal["ChannelToneDetected"] = "ChannelToneDetected"
    channel: Channel


class ChannelTalkingStarted(BaseEvent):
    """ChannelTalkingStarted in events.json."""

    type: Literal["ChannelTalkingStarted"] = "ChannelTalkingStarted"
    channel: Channel


class ChannelTalkingFinished(BaseEvent):
    """ChannelTalkingFinished in events.json."""

    type: Literal["ChannelTalkingFinished"] = "ChannelTalkingFinished"
    channel: Channel
    duration: int


class ContactStatusChange(BaseEvent):
    """ContactStatusChange in events.json."""

    type: Literal["ContactStatusChange"] = "ContactStatusChange"
    endpoint: Endpoint
    contact_info: ContactInfo


class PeerStatusChange(BaseEvent):
    """PeerStatusChange in events.json."""

    type: Literal["PeerStatusChange"] = "PeerStatusChange"
    endpoint: Endpoint
    peer: Peer


class EndpointStateChange(BaseEvent):
    """EndpointStateChange in events.json."""

    type: Literal["EndpointStateChange"] = "EndpointStateChange"
    endpoint: Endpoint


class Dial(BaseEvent):
    """Dial in events.json."""

    type: Literal["Dial"] = "Dial"
    peer: Channel
    dialstatus: str
    caller: Channel | None = None
    forward: str | None = None
    forwarded: Channel | None = None
    dialstring: str | None = None


class StasisEnd(BaseEvent):
    """StasisEnd in events.json."""

    type: Literal["StasisEnd"] = "StasisEnd"
    channel: Channel


class StasisStart(BaseEvent):
    """StasisStart in events.json."""

    type: Literal["StasisStart"] = "StasisStart"
    args: list[str]
    channel: Channel
    replace_channel: Channel | None = None


class TextMessageReceived(BaseEvent):
    """TextMessageReceived in events.json."""

    type: Literal["TextMessageReceived"] = "TextMessageReceived"
    message: TextMessage
    endpoint: Endpoint | None = None


class ChannelConnectedLine(BaseEvent):
    """ChannelConnectedLine in events.json."""

    type: Literal["ChannelConnectedLine"] = "ChannelConnectedLine"
    channel: Channel


class AdditionalParam(Model):
    """AdditionalParam in events.json."""

    parameter_name: str
    parameter_value: str


class RequiredDestination(Model):
    """RequiredDestination in events.json."""

    protocol_id: str | None = None
    destination: str | None = None
    additional_protocol_params: list[AdditionalParam] | None = None


class ReferTo(Model):
    """ReferTo in events.json."""

    requested_destination: RequiredDestination
    destination_channel: Channel | None = None
    connected_channel: Channel | None = None
    bridge: Bridge | None = None


class ReferredBy(Model):
    """ReferredBy in events.json."""

    source_channel: Channel
    connected_channel: Channel | None = None
    bridge: Bridge | None = None


class ChannelTransfer(BaseEvent):
    """ChannelTransfer in events.json."""

    type: Literal["ChannelTransfer"] = "ChannelTransfer"
    refer_to: ReferTo
    referred_by: ReferredBy
    state: str | None = None


class RESTHeader(Model):
    """RESTHeader in events.json."""

    name: str
    value: str


class RESTQueryStringParameter(Model):
    """RESTQueryStringParameter in events.json."""

    name: str
    value: str


class RESTRequest(Model):
    """RESTRequest in events.json."""

    type: str
    transaction_id: str
    request_id: str
    method: str
    uri: str
    content_type: str | None = None
    query_strings: list[RESTQueryStringParameter] | None = None
    message_body: str | None = None


class RESTResponse(BaseEvent):
    """RESTResponse in events.json."""

    type: Literal["RESTResponse"] = "RESTResponse"
    transaction_id: str
    request_id: str
    status_code: int
    reason_phrase: str
    uri: str
    content_type: str | None = None
    message_body: str | None = None


class CallBroadcast(BaseEvent):
    """CallBroadcast in events.json."""

    type: Literal["CallBroadcast"] = "CallBroadcast"
    channel: Channel
    caller: str | None = None
    called: str | None = None


class CallClaimed(BaseEvent):
    """CallClaimed in events.json."""

    type: Literal["CallClaimed"] = "CallClaimed"
    channel: Channel
    winner_app: str


class Mailbox(Model):
    """Mailbox in mailboxes.json."""

    name: str
    old_messages: int
    new_messages: int


class StoredRecording(Model):
    """StoredRecording in recordings.json."""

    name: str
    format: str


class FormatLangPair(Model):
    """FormatLangPair in sounds.json."""

    language: str
    format: str


class Sound(Model):
    """Sound in sounds.json."""

    id: str
    formats: list[FormatLangPair]
    text: str | None = None


Event: TypeAlias = (
    ApplicationMoveFailed
    | ApplicationRegistered
    | ApplicationReplaced
    | ApplicationUnregistered
    | BridgeAttendedTransfer
    | BridgeBlindTransfer
    | BridgeCreated
    | BridgeDestroyed
    | BridgeMerged
    | BridgeVideoSourceChanged
    | CallBroadcast
    | CallClaimed
    | ChannelCallerId
    | ChannelConnectedLine
    | ChannelCreated
    | ChannelDestroyed
    | ChannelDialplan
    | ChannelDtmfReceived
    | ChannelEnteredBridge
    | ChannelHangupRequest
    | ChannelHold
    | ChannelLeftBridge
    | ChannelStateChange
    | ChannelTalkingFinished
    | ChannelTalkingStarted
    | ChannelToneDetected
    | ChannelTransfer
    | ChannelUnhold
    | ChannelUserevent
    | ChannelVarset
    | ContactStatusChange
    | DeviceStateChanged
    | Dial
    | EndpointStateChange
    | MissingParams
    | PeerStatusChange
    | PlaybackContinuing
    | PlaybackFinished
    | PlaybackStarted
    | RESTResponse
    | RecordingFailed
    | RecordingFinished
    | RecordingStarted
    | StasisEnd
    | StasisStart
    | TextMessageReceived
)

# Ids and times come once each: to remember them as well would fill the memory of every daemon by a megabyte.
EVENT: TypeAdapter[Event] = TypeAdapter(
    Annotated[Event, Field(discriminator="type")], config=ConfigDict(cache_strings="keys")
)

UnknownEvent: TypeAlias = reading.UnknownEvent


def parse_event(data: bytes | str | dict[str, Any]) -> Event | UnknownEvent:
    """Read one event; raises `BadEventError` for what is not JSON or not whole."""
    return reading.read(EVENT, data)
