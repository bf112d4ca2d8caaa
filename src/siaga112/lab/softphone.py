"""A real softphone, baresip, as a call-taker would have it on a desk.

    async with Softphone(Ground.of(lab), "110", answer_after=0.5) as phone:
        await phone.dial("*11")              # ready; listens until Asterisk hangs up
        await place(ground, "talk", ...)     # rings, is answered, speaks
        await phone.happened("CALL_CLOSED")
        assert loudness(phone.heard()) > -50

Speaks a file instead of a microphone and writes what it hears into another. Knows baresip's
configuration and its control socket (JSON in netstrings). Does not know what a 112 call is.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import wave
from array import array
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from siaga112.lab.errors import LabError
from siaga112.lab.ground import Ground
from siaga112.lab.layout import asterisk_conf
from siaga112.lab.ports import pick
from siaga112.lab.processes import Process, tail
from siaga112.lab.sipp import HOST
from siaga112.lab.sounds import samples_of, write_wav

_CONFIG = """\
poll_method epoll
sip_listen {host}:{sip_port}
call_local_timeout 120
call_max_calls 4
audio_player aufile,{folder}/heard.wav
audio_source aufile,{folder}/speech.wav
audio_alert none
ring_aufile none
ringback_aufile none
ringback_disabled yes
audio_buffer 20-160
jitter_buffer_type fixed
jitter_buffer_delay 2-5
rtp_ports 61000-65499
module_path /usr/lib/baresip/modules
module aufile.so
module g711.so
module g722.so
module opus.so
module srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control_port}
sip_verify_server yes
"""
_KEY_S = 0.15
"""How long a key is held down."""
_ACCOUNT = (
    "<sip:{agent}@{sip}>;auth_user={agent};auth_pass={password};audio_codecs={codecs}"
    ";regint=60;answermode=manual\n"
)


@dataclass(frozen=True)
class Encrypted:
    """SIP over TLS and nothing but SRTP."""

    sip: str
    """Where Asterisk listens for TLS."""
    authority: Path
    """The certificate that Asterisk's must be signed by, or be."""


class Softphone:
    """One baresip, registered as one agent.

    Args:
        ground: The lab.
        agent: Whose account it registers with.
        answer_after: Seconds from ringing to picking up; None never picks up.
        talk_s: Seconds from then to hanging up; None leaves that to the other side.
        codecs: All that it offers and takes, best first; baresip's names.
        encrypted: Register over TLS and refuse calls whose audio is not encrypted.
    """

    def __init__(  # noqa: PLR0913 - all but two have a default
        self,
        ground: Ground,
        agent: str,
        *,
        answer_after: float | None = 0.5,
        talk_s: float | None = None,
        codecs: str = "pcma,pcmu",
        encrypted: Encrypted | None = None,
    ) -> None:
        self.agent = agent
        self.events: list[dict[str, Any]] = []
        """All that baresip reported, oldest first."""
        self.folder = ground.folder / f"softphone-{agent}-{secrets.token_hex(4)}"
        self._ground = ground
        self._answer_after = answer_after
        self._talk_s = talk_s
        self._codecs = codecs
        self._encrypted = encrypted
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        control_port = self._configure()
        command = ["baresip", "-4", "-f", str(self.folder)]
        self._process = Process.inside(
            f"baresip {self.agent}",
            self._ground.sandbox,
            command,
            self.folder / "output.log",
            same_path=[self._ground.folder],
        )
        try:
            await self._connect(control_port)
            await self._registered()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Ends it; nothing is left of it but its folder."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        if self._process is not None:
            self._process.kill()

    async def dial(self, number: str, patience: float = 20.0) -> None:
        """Calls a number and listens until the far end has hung up."""
        seen = len(self.events)
        self._send("dial", f"sip:{number}@{self._sip}")
        await self.happened("CALL_CLOSED", since=seen, patience=patience)
        if not any(event["type"] == "CALL_ESTABLISHED" for event in self.events[seen:]):
            raise LabError(f"nobody answered {number}: {self.events[-1].get('param', '')}")

    @property
    def _sip(self) -> str:
        """Where it calls and registers."""
        return self._ground.sip if self._encrypted is None else f"{self._encrypted.sip};transport=tls"

    def hang_up(self) -> None:
        """Ends the call."""
        self._send("hangup", "")

    async def press(self, keys: str) -> None:
        """Presses keys during a call, one after another."""
        for key in keys:
            self._send("sndcode", key)
            await asyncio.sleep(_KEY_S)
        self._send("sndcode", "")

    async def happened(self, kind: str, *, since: int = 0, patience: float = 15.0) -> dict[str, Any]:
        """The first event of this type after the first `since` events, waited for if need be.

        Types are baresip's: CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED ...
        """

        def found() -> dict[str, Any] | None:
            return next((event for event in self.events[since:] if event["type"] == kind), None)

        try:
            async with asyncio.timeout(patience), self._news:
                await self._news.wait_for(lambda: found() is not None)
        except TimeoutError:
            seen = " ".join(event["type"] for event in self.events[since:])
            log = tail(self.folder / "output.log")
            raise LabError(f"the softphone had no {kind}, only: {seen}\n{log}") from None
        return found() or {}

    def heard(self) -> list[int]:
        """The samples that the call-taker heard in the last call."""
        # baresip writes the lengths into the header at the very end; the samples are there before.
        with (self.folder / "heard.wav").open("rb") as file, wave.open(file) as sound:
            frames = sound.readframes(sound.getnframes())
        return array("h", frames).tolist()

    def _configure(self) -> int:
        self.folder.mkdir(parents=True)
        prompts = asterisk_conf() / "sounds" / "id" / "siaga112"
        write_wav(self.folder / "speech.wav", samples_of("agent", prompts, seconds=60.0))
        control_port = pick()
        config = _CONFIG.format(host=HOST, sip_port=pick(), control_port=control_port, folder=self.folder)
        codecs = self._codecs
        if self._encrypted is not None:
            trusted = shutil.copy(self._encrypted.authority, self.folder / "authority.crt")
            config += f"sip_cafile {trusted}\n"
            codecs += ";mediaenc=srtp-mand"
        (self.folder / "config").write_text(config)
        password = self._ground.password(self.agent)
        account = _ACCOUNT.format(agent=self.agent, sip=self._sip, password=password, codecs=codecs)
        (self.folder / "accounts").write_text(account)
        return control_port

    async def _connect(self, port: int) -> None:
        async with asyncio.timeout(10):
            while True:
                if self._process is not None:
                    self._process.check()
                try:
                    reader, self._writer = await asyncio.open_connection(HOST, port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    break
        self._reading = asyncio.create_task(self._read(reader))

    async def _registered(self) -> None:
        """It may have registered before anybody listened to its events, so its log is asked."""
        log = self.folder / "output.log"
        try:
            async with asyncio.timeout(10):
                while "binding]" not in log.read_text(errors="replace"):  # noqa: ASYNC110 - a file
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise LabError(f"the softphone could not register:\n{tail(log)}") from None

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Takes netstrings (`length:text,`) from the control socket until it closes."""
        with suppress(asyncio.IncompleteReadError):
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                message = json.loads((await reader.readexactly(length + 1))[:-1])
                if message.get("event"):
                    await self._note(message)

    async def _note(self, event: dict[str, Any]) -> None:
        async with self._news:
            self.events.append(event)
            self._news.notify_all()
        later = asyncio.get_running_loop().call_later
        if event["type"] == "CALL_INCOMING" and self._answer_after is not None:
            later(self._answer_after, self._send, "accept", "")
            if self._talk_s is not None:
                later(self._answer_after + self._talk_s, self._send, "hangup", "")

    def _send(self, command: str, params: str) -> None:
        text = json.dumps({"command": command, "params": params}).encode()
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(b"%d:%s," % (len(text), text))
