"""ARI's `channels` operations, under ARI's names in snake case.

All raise AriError: AriNotFound when the channel is gone, AriConflict when it is not in a Stasis
application or not in the state the operation needs. Durations carry ARI's own units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.ari.resources import Address, Channel, LiveRecording, Playback, RTPstat
from gateway.ari.rest import Rest, read

Variables = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Variable:
    value: str = ""


@dataclass(frozen=True, slots=True)
class Channels:
    """Operations on channels."""

    rest: Rest

    async def list(self) -> tuple[Channel, ...]:
        """All channels of this Asterisk, ours or not."""
        answer = await self.rest.get("channels.list", "channels")
        return read("channels.list", tuple[Channel, ...], answer)

    async def get(self, channel_id: str) -> Channel:
        return _channel("channels.get", await self.rest.get("channels.get", "channels", channel_id))

    async def originate(
        self,
        endpoint: str,
        *,
        app: str | None = None,
        app_args: str | None = None,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        caller_id: str | None = None,
        timeout: int | None = None,  # noqa: ASYNC109  Asterisk keeps this time, not we
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: Sequence[str] | None = None,
        variables: Variables | None = None,
    ) -> Channel:
        """Dial `endpoint`; once answered it enters `app` (or `context`). Returns before it rings.

        `timeout` in whole seconds. An endpoint Asterisk cannot make is AriFailed (500).
        """
        answer = await self.rest.post(
            "channels.originate",
            "channels",
            query={
                "endpoint": endpoint,
                "app": app,
                "appArgs": app_args,
                "context": context,
                "extension": extension,
                "priority": priority,
                "label": label,
                "callerId": caller_id,
                "timeout": timeout,
                "channelId": channel_id,
                "otherChannelId": other_channel_id,
                "originator": originator,
                "formats": formats,
            },
            body=_with(variables),
        )
        return _channel("channels.originate", answer)

    async def create(
        self,
        endpoint: str,
        *,
        app: str,
        app_args: str | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: Sequence[str] | None = None,
        variables: Variables | None = None,
    ) -> Channel:
        """Make a channel to `endpoint` without dialling: bridge it first, then `dial`."""
        answer = await self.rest.post(
            "channels.create",
            "channels",
            "create",
            query={
                "endpoint": endpoint,
                "app": app,
                "appArgs": app_args,
                "channelId": channel_id,
                "otherChannelId": other_channel_id,
                "originator": originator,
                "formats": formats,
            },
            body=_with(variables),
        )
        return _channel("channels.create", answer)

    async def dial(
        self,
        channel_id: str,
        *,
        caller: str | None = None,
        timeout: int | None = None,  # noqa: ASYNC109  Asterisk keeps this time, not we
    ) -> None:
        """Dial a created channel; `timeout` in whole seconds. Subscribes to `caller` as well."""
        await self.rest.post(
            "channels.dial",
            "channels",
            channel_id,
            "dial",
            query={"caller": caller, "timeout": timeout},
        )

    async def external_media(
        self,
        *,
        app: str,
        format: str,
        external_host: str | None = None,
        channel_id: str | None = None,
        encapsulation: str | None = None,
        transport: str | None = None,
        connection_type: str | None = None,
        direction: str | None = None,
        data: str | None = None,
        transport_data: str | None = None,
        variables: Variables | None = None,
    ) -> Channel:
        """Make a channel whose audio goes to `external_host` (`ip:port`), RTP over UDP by default.

        It enters `app` with a StasisStart of its own; before that it cannot be bridged. A taken
        `channel_id`, an unknown `format` or a host that does not resolve is AriFailed (500).
        """
        answer = await self.rest.post(
            "channels.externalMedia",
            "channels",
            "externalMedia",
            query={
                "channelId": channel_id,
                "app": app,
                "external_host": external_host,
                "encapsulation": encapsulation,
                "transport": transport,
                "connection_type": connection_type,
                "format": format,
                "direction": direction,
                "data": data,
                "transport_data": transport_data,
            },
            body=_with(variables),
        )
        return _channel("channels.externalMedia", answer)

    async def media_address(self, channel: Channel) -> Address:
        """Where Asterisk sends this externalMedia channel's RTP from, and wants ours.

        Taken from the answer that made it where it tells, else asked for.
        """
        if (address := channel.media_address) is not None:
            return address
        host = await self.get_channel_var(channel.id, "UNICASTRTP_LOCAL_ADDRESS")
        port = await self.get_channel_var(channel.id, "UNICASTRTP_LOCAL_PORT")
        return host, read("channels.getChannelVar", int, port.encode())

    async def answer(self, channel_id: str) -> None:
        await self.rest.post("channels.answer", "channels", channel_id, "answer")

    async def ring(self, channel_id: str) -> None:
        """Indicate ringing to a channel that is not answered."""
        await self.rest.post("channels.ring", "channels", channel_id, "ring")

    async def ring_stop(self, channel_id: str) -> None:
        await self.rest.delete("channels.ringStop", "channels", channel_id, "ring")

    async def progress(self, channel_id: str) -> None:
        """Early media (183). Asterisk 20.16, 21.11, 22.6 and later."""
        await self.rest.post("channels.progress", "channels", channel_id, "progress")

    async def hangup(
        self, channel_id: str, *, reason: str | None = None, reason_code: int | None = None
    ) -> None:
        """End a channel, with one of ARI's words (`normal`, `busy` …) or a Q.850 cause."""
        await self.rest.delete(
            "channels.hangup",
            "channels",
            channel_id,
            query={"reason": reason, "reason_code": reason_code},
        )

    async def continue_in_dialplan(
        self,
        channel_id: str,
        *,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        label: str | None = None,
    ) -> None:
        """Hand the channel back to the dialplan; nothing given: after Stasis().

        Asterisk accepts places that do not exist and then drops the call: check before.
        """
        await self.rest.post(
            "channels.continueInDialplan",
            "channels",
            channel_id,
            "continue",
            query={
                "context": context,
                "extension": extension,
                "priority": priority,
                "label": label,
            },
        )

    async def move(self, channel_id: str, *, app: str, app_args: str | None = None) -> None:
        """Give the channel to another application. Failure comes as ApplicationMoveFailed."""
        await self.rest.post(
            "channels.move",
            "channels",
            channel_id,
            "move",
            query={"app": app, "appArgs": app_args},
        )

    async def redirect(self, channel_id: str, *, endpoint: str) -> None:
        """Make the far side call `endpoint` itself (SIP REFER, or 302 before the answer)."""
        await self.rest.post(
            "channels.redirect", "channels", channel_id, "redirect", query={"endpoint": endpoint}
        )

    async def transfer_progress(self, channel_id: str, *, states: str) -> None:
        """Report on a ChannelTransfer we handle ourselves. Asterisk 20.13, 22.3 and later."""
        await self.rest.post(
            "channels.transfer_progress",
            "channels",
            channel_id,
            "transfer_progress",
            query={"states": states},
        )

    async def send_dtmf(
        self,
        channel_id: str,
        dtmf: str,
        *,
        before: int | None = None,
        between: int | None = None,
        duration: int | None = None,
        after: int | None = None,
    ) -> None:
        """Send digits to the channel; times in milliseconds."""
        await self.rest.post(
            "channels.sendDTMF",
            "channels",
            channel_id,
            "dtmf",
            query={
                "dtmf": dtmf,
                "before": before,
                "between": between,
                "duration": duration,
                "after": after,
            },
        )

    async def mute(self, channel_id: str, *, direction: str = "both") -> None:
        """`direction`: `in` (from the channel), `out` or `both`."""
        await self.rest.post(
            "channels.mute", "channels", channel_id, "mute", query={"direction": direction}
        )

    async def unmute(self, channel_id: str, *, direction: str = "both") -> None:
        await self.rest.delete(
            "channels.unmute", "channels", channel_id, "mute", query={"direction": direction}
        )

    async def hold(self, channel_id: str) -> None:
        await self.rest.post("channels.hold", "channels", channel_id, "hold")

    async def unhold(self, channel_id: str) -> None:
        await self.rest.delete("channels.unhold", "channels", channel_id, "hold")

    async def start_moh(self, channel_id: str, *, moh_class: str | None = None) -> None:
        await self.rest.post(
            "channels.startMoh", "channels", channel_id, "moh", query={"mohClass": moh_class}
        )

    async def stop_moh(self, channel_id: str) -> None:
        await self.rest.delete("channels.stopMoh", "channels", channel_id, "moh")

    async def start_silence(self, channel_id: str) -> None:
        await self.rest.post("channels.startSilence", "channels", channel_id, "silence")

    async def stop_silence(self, channel_id: str) -> None:
        await self.rest.delete("channels.stopSilence", "channels", channel_id, "silence")

    async def play(
        self,
        channel_id: str,
        *,
        media: Sequence[str],
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
        playback_id: str | None = None,
    ) -> Playback:
        """Play `media` URIs (`sound:hello-world`, `tone:ring`). A bridged channel leaves the mix
        for as long: nothing of it is heard meanwhile."""
        answer = await self.rest.post(
            "channels.play",
            "channels",
            channel_id,
            "play",
            query={
                "media": media,
                "lang": lang,
                "offsetms": offsetms,
                "skipms": skipms,
                "playbackId": playback_id,
            },
        )
        return read("channels.play", Playback, answer)

    async def record(
        self,
        channel_id: str,
        *,
        name: str,
        format: str,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: str | None = None,
        beep: bool | None = None,
        terminate_on: str | None = None,
    ) -> LiveRecording:
        """Record what the channel says, into Asterisk's spool."""
        answer = await self.rest.post(
            "channels.record",
            "channels",
            channel_id,
            "record",
            query={
                "name": name,
                "format": format,
                "maxDurationSeconds": max_duration_seconds,
                "maxSilenceSeconds": max_silence_seconds,
                "ifExists": if_exists,
                "beep": beep,
                "terminateOn": terminate_on,
            },
        )
        return read("channels.record", LiveRecording, answer)

    async def snoop_channel(
        self,
        channel_id: str,
        *,
        app: str,
        spy: str | None = None,
        whisper: str | None = None,
        app_args: str | None = None,
        snoop_id: str | None = None,
    ) -> Channel:
        """A new channel that hears (`spy`) and speaks into (`whisper`) one side: in, out, both."""
        answer = await self.rest.post(
            "channels.snoopChannel",
            "channels",
            channel_id,
            "snoop",
            query={
                "spy": spy,
                "whisper": whisper,
                "app": app,
                "appArgs": app_args,
                "snoopId": snoop_id,
            },
        )
        return _channel("channels.snoopChannel", answer)

    async def get_channel_var(self, channel_id: str, variable: str) -> str:
        """A variable or function. Raises AriNotFound when a plain variable is not set."""
        answer = await self.rest.get(
            "channels.getChannelVar",
            "channels",
            channel_id,
            "variable",
            query={"variable": variable},
        )
        return read("channels.getChannelVar", _Variable, answer).value

    async def set_channel_var(self, channel_id: str, variable: str, value: str) -> None:
        await self.rest.post(
            "channels.setChannelVar",
            "channels",
            channel_id,
            "variable",
            query={"variable": variable, "value": value},
        )

    async def rtp_statistics(self, channel_id: str) -> RTPstat:
        """RTP figures of a SIP channel; externalMedia has none (AriNotFound)."""
        answer = await self.rest.get(
            "channels.rtpstatistics", "channels", channel_id, "rtp_statistics"
        )
        return read("channels.rtpstatistics", RTPstat, answer)


def _channel(operation: str, answer: bytes) -> Channel:
    return read(operation, Channel, answer)


def _with(variables: Variables | None) -> Mapping[str, object] | None:
    return {"variables": dict(variables)} if variables else None
