"""ARI's `recordings` and `playbacks` operations. AriNotFound when there is no such thing."""

from dataclasses import dataclass

from gateway.ari.resources import LiveRecording, Playback, StoredRecording
from gateway.ari.rest import Rest, read


@dataclass(frozen=True, slots=True)
class Recordings:
    """Operations on live and stored recordings."""

    rest: Rest

    async def list_stored(self) -> tuple[StoredRecording, ...]:
        answer = await self.rest.get("recordings.listStored", "recordings", "stored")
        return read("recordings.listStored", tuple[StoredRecording, ...], answer)

    async def get_stored(self, recording_name: str) -> StoredRecording:
        answer = await self.rest.get("recordings.getStored", "recordings", "stored", recording_name)
        return read("recordings.getStored", StoredRecording, answer)

    async def get_stored_file(self, recording_name: str) -> bytes:
        """The audio file itself."""
        return await self.rest.get(
            "recordings.getStoredFile", "recordings", "stored", recording_name, "file"
        )

    async def delete_stored(self, recording_name: str) -> None:
        await self.rest.delete("recordings.deleteStored", "recordings", "stored", recording_name)

    async def get_live(self, recording_name: str) -> LiveRecording:
        answer = await self.rest.get("recordings.getLive", "recordings", "live", recording_name)
        return read("recordings.getLive", LiveRecording, answer)

    async def stop(self, recording_name: str) -> None:
        """Finish the recording and keep it."""
        await self.rest.post("recordings.stop", "recordings", "live", recording_name, "stop")

    async def cancel(self, recording_name: str) -> None:
        """Stop the recording and throw it away."""
        await self.rest.delete("recordings.cancel", "recordings", "live", recording_name)

    async def pause(self, recording_name: str) -> None:
        await self.rest.post("recordings.pause", "recordings", "live", recording_name, "pause")

    async def unpause(self, recording_name: str) -> None:
        await self.rest.delete("recordings.unpause", "recordings", "live", recording_name, "pause")


@dataclass(frozen=True, slots=True)
class Playbacks:
    """Operations on playbacks."""

    rest: Rest

    async def get(self, playback_id: str) -> Playback:
        answer = await self.rest.get("playbacks.get", "playbacks", playback_id)
        return read("playbacks.get", Playback, answer)

    async def stop(self, playback_id: str) -> None:
        await self.rest.delete("playbacks.stop", "playbacks", playback_id)

    async def control(self, playback_id: str, *, operation: str) -> None:
        """`operation`: restart, pause, unpause, reverse or forward."""
        await self.rest.post(
            "playbacks.control",
            "playbacks",
            playback_id,
            "control",
            query={"operation": operation},
        )
