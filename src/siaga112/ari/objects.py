"""ari-py's vocabulary: groups and objects with their operations, typed. Generated; do not edit.

`client.channels.originate(...)` is an entry of a group, `channel.answer()` one of an object; each takes
the parameters of the operation that it names and returns an awaitable of what the reply becomes.
"""

from typing import Any

from siaga112.ari import models, operations
from siaga112.ari.binding import Call, Carrier, Group, Live, On, nothing, one, raw, several


def _channel(carrier: Carrier, body: Any) -> "Channel":
    model = models.Channel.model_validate(body)
    return Channel(carrier, model, model.id)


def _channels(carrier: Carrier, body: Any) -> "list[Channel]":
    return [_channel(carrier, item) for item in body]


def _bridge(carrier: Carrier, body: Any) -> "Bridge":
    model = models.Bridge.model_validate(body)
    return Bridge(carrier, model, model.id)


def _bridges(carrier: Carrier, body: Any) -> "list[Bridge]":
    return [_bridge(carrier, item) for item in body]


def _playback(carrier: Carrier, body: Any) -> "Playback":
    model = models.Playback.model_validate(body)
    return Playback(carrier, model, model.id)


def _playbacks(carrier: Carrier, body: Any) -> "list[Playback]":
    return [_playback(carrier, item) for item in body]


def _live_recording(carrier: Carrier, body: Any) -> "LiveRecording":
    model = models.LiveRecording.model_validate(body)
    return LiveRecording(carrier, model, model.name)


def _live_recordings(carrier: Carrier, body: Any) -> "list[LiveRecording]":
    return [_live_recording(carrier, item) for item in body]


def _stored_recording(carrier: Carrier, body: Any) -> "StoredRecording":
    model = models.StoredRecording.model_validate(body)
    return StoredRecording(carrier, model, model.name)


def _stored_recordings(carrier: Carrier, body: Any) -> "list[StoredRecording]":
    return [_stored_recording(carrier, item) for item in body]


class Channel(Live[models.Channel]):
    """/channels/{channelId}."""

    get = On(operations.channels.get, _channel)
    originate_with_id = On(operations.channels.originate_with_id, _channel)
    hangup = On(operations.channels.hangup, nothing)
    continue_in_dialplan = On(operations.channels.continue_in_dialplan, nothing)
    move = On(operations.channels.move, nothing)
    redirect = On(operations.channels.redirect, nothing)
    answer = On(operations.channels.answer, nothing)
    ring = On(operations.channels.ring, nothing)
    ring_stop = On(operations.channels.ring_stop, nothing)
    progress = On(operations.channels.progress, nothing)
    send_dtmf = On(operations.channels.send_dtmf, nothing)
    mute = On(operations.channels.mute, nothing)
    unmute = On(operations.channels.unmute, nothing)
    hold = On(operations.channels.hold, nothing)
    unhold = On(operations.channels.unhold, nothing)
    start_moh = On(operations.channels.start_moh, nothing)
    stop_moh = On(operations.channels.stop_moh, nothing)
    start_silence = On(operations.channels.start_silence, nothing)
    stop_silence = On(operations.channels.stop_silence, nothing)
    play = On(operations.channels.play, _playback)
    play_with_id = On(operations.channels.play_with_id, _playback)
    record = On(operations.channels.record, _live_recording)
    get_channel_var = On(operations.channels.get_channel_var, one(models.Variable))
    set_channel_var = On(operations.channels.set_channel_var, nothing)
    get_channel_vars = On(operations.channels.get_channel_vars, one(models.Variables))
    set_channel_vars = On(operations.channels.set_channel_vars, nothing)
    snoop_channel = On(operations.channels.snoop_channel, _channel)
    snoop_channel_with_id = On(operations.channels.snoop_channel_with_id, _channel)
    dial = On(operations.channels.dial, nothing)
    rtpstatistics = On(operations.channels.rtpstatistics, one(models.RTPstat))
    transfer_progress = On(operations.channels.transfer_progress, nothing)


class Bridge(Live[models.Bridge]):
    """/bridges/{bridgeId}."""

    create_with_id = On(operations.bridges.create_with_id, _bridge)
    get = On(operations.bridges.get, _bridge)
    destroy = On(operations.bridges.destroy, nothing)
    get_bridge_var = On(operations.bridges.get_bridge_var, one(models.Variable))
    set_bridge_var = On(operations.bridges.set_bridge_var, nothing)
    get_bridge_vars = On(operations.bridges.get_bridge_vars, one(models.Variables))
    set_bridge_vars = On(operations.bridges.set_bridge_vars, nothing)
    add_channel = On(operations.bridges.add_channel, nothing)
    remove_channel = On(operations.bridges.remove_channel, nothing)
    set_video_source = On(operations.bridges.set_video_source, nothing)
    clear_video_source = On(operations.bridges.clear_video_source, nothing)
    start_moh = On(operations.bridges.start_moh, nothing)
    stop_moh = On(operations.bridges.stop_moh, nothing)
    play = On(operations.bridges.play, _playback)
    play_with_id = On(operations.bridges.play_with_id, _playback)
    record = On(operations.bridges.record, _live_recording)


class Playback(Live[models.Playback]):
    """/playbacks/{playbackId}."""

    get = On(operations.playbacks.get, _playback)
    stop = On(operations.playbacks.stop, nothing)
    control = On(operations.playbacks.control, nothing)


class LiveRecording(Live[models.LiveRecording]):
    """/recordings/live/{recordingName}."""

    get_live = On(operations.recordings.get_live, _live_recording)
    cancel = On(operations.recordings.cancel, nothing)
    stop = On(operations.recordings.stop, nothing)
    pause = On(operations.recordings.pause, nothing)
    unpause = On(operations.recordings.unpause, nothing)
    mute = On(operations.recordings.mute, nothing)
    unmute = On(operations.recordings.unmute, nothing)


class StoredRecording(Live[models.StoredRecording]):
    """/recordings/stored/{recordingName}."""

    get_stored = On(operations.recordings.get_stored, _stored_recording)
    delete_stored = On(operations.recordings.delete_stored, nothing)
    get_stored_file = On(operations.recordings.get_stored_file, raw)
    copy_stored = On(operations.recordings.copy_stored, _stored_recording)


class Applications(Group):
    """applications.json."""

    list = Call(operations.applications.list, several(models.Application))
    get = Call(operations.applications.get, one(models.Application))
    subscribe = Call(operations.applications.subscribe, one(models.Application))
    unsubscribe = Call(operations.applications.unsubscribe, one(models.Application))
    filter = Call(operations.applications.filter, one(models.Application))


class Asterisk(Group):
    """asterisk.json."""

    get_object = Call(operations.asterisk.get_object, several(models.ConfigTuple))
    update_object = Call(operations.asterisk.update_object, several(models.ConfigTuple))
    delete_object = Call(operations.asterisk.delete_object, nothing)
    get_info = Call(operations.asterisk.get_info, one(models.AsteriskInfo))
    ping = Call(operations.asterisk.ping, one(models.AsteriskPing))
    list_modules = Call(operations.asterisk.list_modules, several(models.Module))
    get_module = Call(operations.asterisk.get_module, one(models.Module))
    load_module = Call(operations.asterisk.load_module, nothing)
    unload_module = Call(operations.asterisk.unload_module, nothing)
    reload_module = Call(operations.asterisk.reload_module, nothing)
    list_log_channels = Call(operations.asterisk.list_log_channels, several(models.LogChannel))
    add_log = Call(operations.asterisk.add_log, nothing)
    delete_log = Call(operations.asterisk.delete_log, nothing)
    rotate_log = Call(operations.asterisk.rotate_log, nothing)
    get_global_var = Call(operations.asterisk.get_global_var, one(models.Variable))
    set_global_var = Call(operations.asterisk.set_global_var, nothing)


class Bridges(Group):
    """bridges.json."""

    list = Call(operations.bridges.list, _bridges)
    create = Call(operations.bridges.create, _bridge)
    create_with_id = Call(operations.bridges.create_with_id, _bridge)
    get = Call(operations.bridges.get, _bridge)
    destroy = Call(operations.bridges.destroy, nothing)
    get_bridge_var = Call(operations.bridges.get_bridge_var, one(models.Variable))
    set_bridge_var = Call(operations.bridges.set_bridge_var, nothing)
    get_bridge_vars = Call(operations.bridges.get_bridge_vars, one(models.Variables))
    set_bridge_vars = Call(operations.bridges.set_bridge_vars, nothing)
    add_channel = Call(operations.bridges.add_channel, nothing)
    remove_channel = Call(operations.bridges.remove_channel, nothing)
    set_video_source = Call(operations.bridges.set_video_source, nothing)
    clear_video_source = Call(operations.bridges.clear_video_source, nothing)
    start_moh = Call(operations.bridges.start_moh, nothing)
    stop_moh = Call(operations.bridges.stop_moh, nothing)
    play = Call(operations.bridges.play, _playback)
    play_with_id = Call(operations.bridges.play_with_id, _playback)
    record = Call(operations.bridges.record, _live_recording)


class Channels(Group):
    """channels.json."""

    list = Call(operations.channels.list, _channels)
    originate = Call(operations.channels.originate, _channel)
    create = Call(operations.channels.create, _channel)
    get = Call(operations.channels.get, _channel)
    originate_with_id = Call(operations.channels.originate_with_id, _channel)
    hangup = Call(operations.channels.hangup, nothing)
    continue_in_dialplan = Call(operations.channels.continue_in_dialplan, nothing)
    move = Call(operations.channels.move, nothing)
    redirect = Call(operations.channels.redirect, nothing)
    answer = Call(operations.channels.answer, nothing)
    ring = Call(operations.channels.ring, nothing)
    ring_stop = Call(operations.channels.ring_stop, nothing)
    progress = Call(operations.channels.progress, nothing)
    send_dtmf = Call(operations.channels.send_dtmf, nothing)
    mute = Call(operations.channels.mute, nothing)
    unmute = Call(operations.channels.unmute, nothing)
    hold = Call(operations.channels.hold, nothing)
    unhold = Call(operations.channels.unhold, nothing)
    start_moh = Call(operations.channels.start_moh, nothing)
    stop_moh = Call(operations.channels.stop_moh, nothing)
    start_silence = Call(operations.channels.start_silence, nothing)
    stop_silence = Call(operations.channels.stop_silence, nothing)
    play = Call(operations.channels.play, _playback)
    play_with_id = Call(operations.channels.play_with_id, _playback)
    record = Call(operations.channels.record, _live_recording)
    get_channel_var = Call(operations.channels.get_channel_var, one(models.Variable))
    set_channel_var = Call(operations.channels.set_channel_var, nothing)
    get_channel_vars = Call(operations.channels.get_channel_vars, one(models.Variables))
    set_channel_vars = Call(operations.channels.set_channel_vars, nothing)
    snoop_channel = Call(operations.channels.snoop_channel, _channel)
    snoop_channel_with_id = Call(operations.channels.snoop_channel_with_id, _channel)
    dial = Call(operations.channels.dial, nothing)
    rtpstatistics = Call(operations.channels.rtpstatistics, one(models.RTPstat))
    external_media = Call(operations.channels.external_media, _channel)
    transfer_progress = Call(operations.channels.transfer_progress, nothing)


class DeviceStates(Group):
    """deviceStates.json."""

    list = Call(operations.device_states.list, several(models.DeviceState))
    get = Call(operations.device_states.get, one(models.DeviceState))
    update = Call(operations.device_states.update, nothing)
    delete = Call(operations.device_states.delete, nothing)


class Endpoints(Group):
    """endpoints.json."""

    list = Call(operations.endpoints.list, several(models.Endpoint))
    send_message = Call(operations.endpoints.send_message, nothing)
    refer = Call(operations.endpoints.refer, nothing)
    list_by_tech = Call(operations.endpoints.list_by_tech, several(models.Endpoint))
    get = Call(operations.endpoints.get, one(models.Endpoint))
    send_message_to_endpoint = Call(operations.endpoints.send_message_to_endpoint, nothing)
    refer_to_endpoint = Call(operations.endpoints.refer_to_endpoint, nothing)


class Events(Group):
    """events.json."""

    user_event = Call(operations.events.user_event, nothing)
    claim_channel = Call(operations.events.claim_channel, nothing)


class Mailboxes(Group):
    """mailboxes.json."""

    list = Call(operations.mailboxes.list, several(models.Mailbox))
    get = Call(operations.mailboxes.get, one(models.Mailbox))
    update = Call(operations.mailboxes.update, nothing)
    delete = Call(operations.mailboxes.delete, nothing)


class Playbacks(Group):
    """playbacks.json."""

    get = Call(operations.playbacks.get, _playback)
    stop = Call(operations.playbacks.stop, nothing)
    control = Call(operations.playbacks.control, nothing)


class Recordings(Group):
    """recordings.json."""

    list_stored = Call(operations.recordings.list_stored, _stored_recordings)
    get_stored = Call(operations.recordings.get_stored, _stored_recording)
    delete_stored = Call(operations.recordings.delete_stored, nothing)
    get_stored_file = Call(operations.recordings.get_stored_file, raw)
    copy_stored = Call(operations.recordings.copy_stored, _stored_recording)
    get_live = Call(operations.recordings.get_live, _live_recording)
    cancel = Call(operations.recordings.cancel, nothing)
    stop = Call(operations.recordings.stop, nothing)
    pause = Call(operations.recordings.pause, nothing)
    unpause = Call(operations.recordings.unpause, nothing)
    mute = Call(operations.recordings.mute, nothing)
    unmute = Call(operations.recordings.unmute, nothing)


class Sounds(Group):
    """sounds.json."""

    list = Call(operations.sounds.list, several(models.Sound))
    get = Call(operations.sounds.get, one(models.Sound))


class Groups:
    """Every group."""

    def __init__(self, carrier: Carrier) -> None:
        self.applications = Applications(carrier)
        self.asterisk = Asterisk(carrier)
        self.bridges = Bridges(carrier)
        self.channels = Channels(carrier)
        self.device_states = DeviceStates(carrier)
        self.endpoints = Endpoints(carrier)
        self.events = Events(carrier)
        self.mailboxes = Mailboxes(carrier)
        self.playbacks = Playbacks(carrier)
        self.recordings = Recordings(carrier)
        self.sounds = Sounds(carrier)
