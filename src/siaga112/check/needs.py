"""What a 112 call needs of Asterisk: versions, modules, extensions, variables. Constants only."""

from typing import Final

ADVISED: Final = (22, 10, 1)
"""Before it, users that may only read could write over the websocket, and a call could not be broadcast."""
OLDEST: Final = (20, 0, 0)

# Module, what fails without it.
REQUIRED: Final = {
    "app_dial": "the fallback cannot ring phones",
    "app_exec": "the dialplan ends before it asks the daemon",
    "app_playback": "the fallback cannot speak",
    "app_stack": "the dialplan has no Gosub",
    "app_stasis": "no call reaches the daemon",
    "bridge_simple": "two people cannot be joined",
    "chan_pjsip": "no SIP",
    "func_callerid": "the dialplan cannot read the caller's number",
    "func_channel": "the dialplan cannot set the language",
    "func_cut": "the dialplan cannot read the caller's number",
    "func_logic": "the dialplan cannot decide",
    "func_strings": "the dialplan cannot clean the dialled number",
    "func_timeout": "no lease: a dead daemon would keep its callers",
    "pbx_config": "no extensions.conf",
    "res_ari_applications": "the daemon cannot look at its application",
    "res_ari_asterisk": "the daemon cannot ask for the version",
    "res_ari_bridges": "two people cannot be joined",
    "res_ari_channels": "the daemon cannot ring a phone",
    "res_ari_endpoints": "the daemon cannot see which phones are there",
    "res_ari_events": "the daemon hears of no call",
    "res_ari_playbacks": "prompts cannot be stopped, which keeps callers from being connected",
    "res_http_websocket": "the daemon cannot connect",
    "res_pjsip_caller_id": "no number from P-Asserted-Identity",
    "res_pjsip_header_funcs": "the dialplan cannot say where the caller's number is from",
    "res_rtp_asterisk": "no audio",
    "res_stasis_answer": "calls cannot be answered by the daemon",
    "res_stasis_playback": "no prompts",
}
WANTED: Final = {
    "app_celgenuserevent": "calls that the fallback took are in no record",
    "app_chanspy": "silent callers are not told from others, and no supervisor can listen",
    "app_mixmonitor": "no recordings",
    "app_playtones": "no beep to a call-taker when nothing is heard",
    "app_stasis_broadcast": "a frozen daemon is found out by the lease only (Asterisk 22.10 has it)",
    "bridge_softmix": "three cannot talk, and nobody in a talk hears that a code was refused",
    "cel_custom": "calls that the fallback took are in no record",
    "chan_bridge_media": "no prompts to two people at once",
    "chan_rtp": "nobody is listened to: silent callers are not told from others",
    "codec_g722": "no wide-band audio",
    "format_wav": "no prompts from WAV files, no recordings",
    "res_ari_device_states": "this doctor cannot look at the dialplan",
    "res_ari_sounds": "this doctor cannot look at the prompts",
    "res_musiconhold": "callers wait in silence",
    "res_srtp": "no encrypted audio",
}

WAYS_IN: Final = (("112", "from-trunk"), ("112", "siaga112-trunk"))
"""Where a trunk's calls come in: a dialplan of our own, or one that includes ours. One of them is enough."""
CALL_WAY: Final = (
    ("s", "siaga112-arrival"),
    ("s", "siaga112-caller"),
    ("s", "siaga112-fallback"),
    ("s", "siaga112-aside"),
)
"""Extensions that every call passes, or may have to."""
EAR: Final = ("s", "siaga112-ear")
"""Without it calls are served, and nobody is listened to."""
SPOKEN: Final = ("agent_ready", "siaga112-say")
FEATURE_CODE: Final = "*11"

CHANNEL_VARIABLES: Final = ("S112_CLI", "S112_CLIR", "S112_RECORDING", "S112_DIALLED")
LEASE_SLACK: Final = 10.0
"""Seconds between the last word to a waiting caller and the end of the lease."""
CLOCK_SLACK: Final = 2.0
"""Seconds that clocks may differ before records of one call contradict each other."""
