"""The ids of one call's resources, chosen by us before any request leaves."""

from dataclasses import dataclass

from gateway.ari.ids import ResourceId, Role


@dataclass(frozen=True, slots=True)
class CallIds:
    """All ids of the call named `call` (12 hex digits), whose caller's channel is `caller`."""

    call: str
    caller: str

    @property
    def media(self) -> str:
        return str(ResourceId(self.call, Role.MEDIA))

    @property
    def bridge(self) -> str:
        return str(ResourceId(self.call, Role.BRIDGE))

    def person(self, attempt: int) -> str:
        """The channel of the `attempt`th dial (from 1; 99 per call).

        A new one every time: Asterisk may still hold the one before.
        """
        return str(ResourceId(self.call, Role.PERSON, attempt))
