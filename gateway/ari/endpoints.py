"""ARI's `endpoints` and `deviceStates` operations: who could be called, and how they are."""

from dataclasses import dataclass

from gateway.ari.resources import DeviceState, Endpoint
from gateway.ari.rest import Rest, read


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Operations on endpoints."""

    rest: Rest

    async def list(self) -> tuple[Endpoint, ...]:
        answer = await self.rest.get("endpoints.list", "endpoints")
        return read("endpoints.list", tuple[Endpoint, ...], answer)

    async def get(self, tech: str, resource: str) -> Endpoint:
        answer = await self.rest.get("endpoints.get", "endpoints", tech, resource)
        return read("endpoints.get", Endpoint, answer)


@dataclass(frozen=True, slots=True)
class DeviceStates:
    """Operations on device states."""

    rest: Rest

    async def list(self) -> tuple[DeviceState, ...]:
        """The device states ARI itself controls (`Stasis:` devices)."""
        answer = await self.rest.get("deviceStates.list", "deviceStates")
        return read("deviceStates.list", tuple[DeviceState, ...], answer)

    async def get(self, device_name: str) -> DeviceState:
        """The state of any device (`PJSIP/1001`)."""
        answer = await self.rest.get("deviceStates.get", "deviceStates", device_name)
        return read("deviceStates.get", DeviceState, answer)

    async def update(self, device_name: str, *, device_state: str) -> None:
        """Set the state of a `Stasis:` device."""
        await self.rest.put(
            "deviceStates.update",
            "deviceStates",
            device_name,
            query={"deviceState": device_state},
        )

    async def delete(self, device_name: str) -> None:
        await self.rest.delete("deviceStates.delete", "deviceStates", device_name)
