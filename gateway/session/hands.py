"""The call machine's commands to Asterisk, carried out over ARI."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from gateway.ari.client import AriClient
from gateway.call.commands import (
    AddChannels,
    Answer,
    Continue,
    CreateBridge,
    CreateMedia,
    Dial,
    HangUpChannel,
    Release,
    SendDtmf,
)
from gateway.call.events import (
    Bridged,
    CallerGone,
    CallEvent,
    CommandFailed,
    DigitsSent,
    MediaCreated,
    PersonJoined,
)
from gateway.errors import AriConflict, AriError, AriNotFound
from rtp.codec import Codec

AriCommand: TypeAlias = (
    Answer
    | CreateBridge
    | CreateMedia
    | AddChannels
    | Dial
    | HangUpChannel
    | Continue
    | SendDtmf
    | Release
)

FORMATS = {Codec.PCMU: "ulaw", Codec.PCMA: "alaw", Codec.G722: "g722", Codec.L16: "slin16"}
"""Asterisk's names for the codecs of a leg."""
OUTCOME_VARIABLE = "AI_OUTCOME"
SUMMARY_HEADER = "PJSIP_HEADER(add,X-AI-Summary)"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fallback:
    """Where callers go whom the agent cannot keep; None: on behind Stasis() in the dialplan."""

    context: str | None = None
    extension: str | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Hands:
    """Carries out a call's commands. `external_host` (ip:port) is where Asterisk sends its RTP.

    `carry_out` never raises AriError: a refusal comes back as CommandFailed.
    """

    ari: AriClient
    external_host: str
    codec: Codec
    fallback: Fallback

    async def carry_out(self, command: AriCommand) -> CallEvent | None:
        try:
            return await self._do(command)
        except AriError as error:
            log.warning("command_failed", command=type(command).__name__, error=str(error))
            return CommandFailed(command)

    async def variables(self, channel: str, names: tuple[str, ...]) -> Mapping[str, str]:
        """The channel variables of `names` that are set; none where the channel is gone."""
        found: dict[str, str] = {}

        async def read(name: str) -> None:
            try:
                found[name] = await self.ari.channels.get_channel_var(channel, name)
            except AriError as error:
                if not isinstance(error, AriNotFound):
                    log.warning("variable_not_read", variable=name, error=str(error))

        async with asyncio.TaskGroup() as tasks:
            for name in names:
                tasks.create_task(read(name))
        return found

    async def _do(self, command: AriCommand) -> CallEvent | None:
        channels, bridges = self.ari.channels, self.ari.bridges
        match command:
            case Answer(channel):
                await channels.answer(channel)
            case CreateBridge(bridge):
                # The name tells whose it is: other gateways may use this Asterisk too.
                name = self.ari.settings.app
                await bridges.create_with_id(bridge, type="mixing", name=name)
            case CreateMedia(channel):
                return await self._create_media(channel)
            case AddChannels(bridge, members):
                await bridges.add_channel(
                    bridge, channel=members, inhibit_connected_line_updates=True
                )
                return PersonJoined(members[0]) if len(members) == 1 else Bridged()
            case Dial():
                await self._dial(command)
            case HangUpChannel(channel):
                await self._hang_up(channel)
            case Continue():
                return await self._continue(command)
            case SendDtmf(channel, digits, tone_ms, pause_ms):
                await channels.send_dtmf(channel, digits, duration=tone_ms, between=pause_ms)
                return DigitsSent()
            case Release():
                await self._release(command)
        return None

    async def _create_media(self, channel: str) -> MediaCreated:
        media = await self.ari.channels.external_media(
            app=self.ari.settings.app,
            channel_id=channel,
            external_host=self.external_host,
            format=FORMATS[self.codec],
        )
        return MediaCreated(await self.ari.channels.media_address(media))

    async def _dial(self, dial: Dial) -> None:
        """In the caller's name: the person sees who calls, and is offered the caller's codecs.

        Without an originator Asterisk 22 makes Local channels of 192 kHz, resamples both ways, and
        now and then such a bridge stays silent for good (2 of 13 calls, 0 of 370 with it).
        """
        await self.ari.channels.originate(
            dial.endpoint,
            app=self.ari.settings.app,
            app_args="person",
            timeout=max(1, round(dial.timeout)),
            channel_id=dial.channel,
            originator=dial.caller,
            variables={SUMMARY_HEADER: dial.summary} if dial.summary else None,
        )

    async def _continue(self, command: Continue) -> CallerGone | None:
        """AI_OUTCOME first: the dialplan behind Stasis() tells a hand-over from a hang-up by it.

        A caller who is not in Stasis any more is not ours to move, and never to hang up.
        """
        try:
            await self._send_on(command)
        except (AriNotFound, AriConflict):
            return CallerGone()
        return None

    async def _send_on(self, command: Continue) -> None:
        await self.ari.channels.set_channel_var(command.channel, OUTCOME_VARIABLE, command.outcome)
        place = command if command.context is not None else self.fallback
        await self.ari.channels.continue_in_dialplan(
            command.channel,
            context=place.context,
            extension=place.extension,
            priority=place.priority,
        )

    async def _release(self, command: Release) -> None:
        """Every part of it is tried; what is already gone is as it should be."""
        for channel in command.channels:
            await self._hang_up(channel)
        if command.bridge is None:
            return
        try:
            await self.ari.bridges.destroy(command.bridge)
        except (AriNotFound, AriConflict):
            return
        except AriError as error:
            # Asterisk is away: the sweep after the next connection finds it.
            log.warning("bridge_left", bridge=command.bridge, error=str(error))

    async def _hang_up(self, channel: str) -> None:
        try:
            await self.ari.channels.hangup(channel)
        except AriNotFound:
            return
        except AriError as error:
            log.warning("channel_left", channel=channel, error=str(error))
