"""ARI's `bridges` operations, under ARI's names in snake case.

All raise AriError: AriNotFound when bridge or channel are gone, AriConflict when a channel is not
(yet) in a Stasis application, or an id is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.ari.resources import Bridge, LiveRecording, Playback
from gateway.ari.rest import Rest, read


@dataclass(frozen=True, slots=True)
class Bridges:
    """Operations on bridges."""

    rest: Rest

    async def list(self) -> tuple[Bridge, ...]:
        """All bridges of this Asterisk, ours or not."""
        answer = await self.rest.get("bridges.list", "bridges")
        return read("bridges.list", tuple[Bridge, ...], answer)

    async def get(self, bridge_id: str) -> Bridge:
        answer = await self.rest.get("bridges.get", "bridges", bridge_id)
        return read("bridges.get", Bridge, answer)

    async def create_with_id(
        self, bridge_id: str, *, type: str = "mixing", name: str | None = None
    ) -> Bridge:
        """`type`: comma-separated `mixing`, `holding`, `dtmf_events`, `proxy_media` …"""
        answer = await self.rest.post(
            "bridges.createWithId", "bridges", bridge_id, query={"type": type, "name": name}
        )
        return read("bridges.createWithId", Bridge, answer)

    async def destroy(self, bridge_id: str) -> None:
        """Its channels are put out, not hung up."""
        await self.rest.delete("bridges.destroy", "bridges", bridge_id)

    async def add_channel(
        self,
        bridge_id: str,
        *,
        channel: Sequence[str],
        role: str | None = None,
        absorb_dtmf: bool | None = None,
        mute: bool | None = None,
        inhibit_connected_line_updates: bool | None = None,
    ) -> None:
        """Add channels (or move them here from another bridge).

        `inhibit_connected_line_updates` avoids a re-INVITE to the caller.
        """
        await self.rest.post(
            "bridges.addChannel",
            "bridges",
            bridge_id,
            "addChannel",
            query={
                "channel": channel,
                "role": role,
                "absorbDTMF": absorb_dtmf,
                "mute": mute,
                "inhibitConnectedLineUpdates": inhibit_connected_line_updates,
            },
        )

    async def remove_channel(self, bridge_id: str, *, channel: Sequence[str]) -> None:
        await self.rest.post(
            "bridges.removeChannel",
            "bridges",
            bridge_id,
            "removeChannel",
            query={"channel": channel},
        )

    async def start_moh(self, bridge_id: str, *, moh_class: str | None = None) -> None:
        await self.rest.post(
            "bridges.startMoh", "bridges", bridge_id, "moh", query={"mohClass": moh_class}
        )

    async def stop_moh(self, bridge_id: str) -> None:
        await self.rest.delete("bridges.stopMoh", "bridges", bridge_id, "moh")

    async def play(
        self,
        bridge_id: str,
        *,
        media: Sequence[str],
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
        playback_id: str | None = None,
    ) -> Playback:
        """Play `media` URIs to all in the bridge; their own audio keeps flowing."""
        answer = await self.rest.post(
            "bridges.play",
            "bridges",
            bridge_id,
            "play",
            query={
                "media": media,
                "lang": lang,
                "offsetms": offsetms,
                "skipms": skipms,
                "playbackId": playback_id,
            },
        )
        return read("bridges.play", Playback, answer)

    async def record(
        self,
        bridge_id: str,
        *,
        name: str,
        format: str,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: str | None = None,
        beep: bool | None = None,
        terminate_on: str | None = None,
    ) -> LiveRecording:
        """Record the mix into Asterisk's spool (the bridge turns softmix for as long)."""
        answer = await self.rest.post(
            "bridges.record",
            "bridges",
            bridge_id,
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
        return read("bridges.record", LiveRecording, answer)
