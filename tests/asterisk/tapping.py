"""How a caller's sound gets from Asterisk to the ear: two requests, no events, nothing to clear away.

A channel of Asterisk's own (`UnicastRTP`) runs ChanSpy on the caller's and sends what it hears to the ear. It
is not in the application, so it makes no events; it ends with the caller by itself, and the caller's
channel does not know of it. Calls to `NUMBER` are answered and given to the application of this file.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from siaga112.ari import models
from siaga112.ari.client import AriClient
from siaga112.ari.errors import AriError, NotFoundError
from siaga112.ari.operations import channels
from siaga112.audio.ear import Concluded, Ear
from siaga112.audio.events import AudioClass, ClassChanged, EarEvent
from siaga112.audio.g711 import Law
from siaga112.audio.health import Health
from siaga112.audio.settings import DEFAULT
from siaga112.lab.lab import ARI_USER, Lab

NUMBER = "556"
APP = "tapping"
CONTEXT = "tapping-ear"

DIALPLAN = (
    (NUMBER, "from-trunk", ("Gosub(siaga112-caller,s,1)", "Answer()", f"Stasis({APP})")),
    # u: by unique id; o: only what the caller says; E: end with the caller; l: room for sound that comes in
    # bunches; q, N: neither a beep nor an answer, as this channel is up already.
    ("s", CONTEXT, ("ChanSpy(${S112_EAR},uoElqN)", "Hangup()")),
)


class Tapping:
    """An ear, an application, and the callers in both; keys are the callers' numbers."""

    def __init__(self, ari: AriClient) -> None:
        self.ari = ari
        self.told: list[tuple[str, EarEvent | Concluded]] = []
        self.trouble: list[str] = []
        self.health: Health | None = None
        self.channels: dict[str, str] = {}
        """A caller's channel, by number."""
        self.events: list[models.Message] = []
        self.ear = Ear(DEFAULT, lambda key, event: self.told.append((key, event)), self)
        ari.on_event(models.StasisStart, self._entered)
        ari.on_event(models.ChannelDtmfReceived, self._pressed)
        ari.on_event(models.Message, self.events.append)

    def ear_health(self, health: Health) -> None:
        """Keep the last."""
        self.health = health

    def ear_trouble(self, reason: str) -> None:
        """Keep all."""
        self.trouble.append(reason)

    def _entered(self, event: models.StasisStart) -> None:
        self.channels[event.channel.caller.number] = event.channel.id

    def _pressed(self, event: models.ChannelDtmfReceived) -> None:
        self.ear.press(event.channel.caller.number, event.digit)

    async def tap(self, number: str) -> bool:
        """Begin to listen: both requests at once, as the second is carried out after the first.

        Returns:
            False for a caller who is gone: then the tap is, too.
        """
        tap = f"s112.{number}.tap"
        sound = channels.originate(
            endpoint=f"UnicastRTP/127.0.0.1:{self.ear.port}/c(alaw)",
            context=CONTEXT,
            extension="s",
            priority=1,
            channel_id=tap,
            formats="alaw",
            variables={"S112_EAR": self.channels[number]},
        )
        port = channels.get_channel_var(tap, variable="UNICASTRTP_LOCAL_PORT")
        try:
            _, reply = await asyncio.gather(self.ari.carry(sound), self.ari.carry(port))
        except NotFoundError:
            return False
        self.ear.tap(number, int(reply.body["value"]), Law.ALAW, time.monotonic() + DEFAULT.provisional_s)
        return True

    async def untap(self, number: str) -> int:
        """Stop listening; 404 where the caller has hung up before."""
        self.ear.untap(number)
        try:
            return (await self.ari.carry(channels.hangup(f"s112.{number}.tap"))).status
        except AriError as error:
            return error.status or 0

    async def ask_the_dry(self) -> None:
        """Once a second, ask the channels of those of whom nothing comes."""
        while True:
            for number in self.ear.dry & self.channels.keys():
                self.ear.rtp_seen(number, await self.packets(number))
            await asyncio.sleep(1)

    async def packets(self, number: str) -> int:
        """How many packets a caller's channel has received."""
        try:
            reply = await self.ari.carry(channels.rtpstatistics(self.channels[number]))
        except AriError:
            return 0
        # Asterisk has no such figure while not one packet has come.
        return int(reply.body.get("rxcount", 0))

    def classes(self, number: str) -> list[AudioClass]:
        """The classes told of a caller."""
        found = [event for of, event in self.told if of == number]
        return [event.verdict.audio_class for event in found if isinstance(event, ClassChanged)]

    async def until(self, condition: Callable[[], Any], patience: float = 30) -> None:
        """Wait for something to be true."""
        async with asyncio.timeout(patience):
            while not condition():  # noqa: ASYNC110 - the ear's process has no event to wait for
                await asyncio.sleep(0.02)


@asynccontextmanager
async def tapping(lab: Lab) -> AsyncIterator[Tapping]:
    """An ear at work beside a lab."""
    for extension, context, steps in DIALPLAN:
        for step, line in enumerate(steps, 1):
            lab.asterisk_cli(f"dialplan add extension {extension},{step},{line} into {context} replace")
    async with AriClient(lab.ari, ARI_USER, lab.site.ari_password, APP) as ari:
        one = Tapping(ari)
        async with asyncio.TaskGroup() as tasks:
            work = (one.ear.run(), one.ask_the_dry())
            side = [tasks.create_task(part) for part in work]
            try:
                await one.until(lambda: one.health is not None)
                yield one
            finally:
                for task in side:
                    task.cancel()
