"""ARI's `applications` operations. AriNotFound when no client has registered the application."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.ari.resources import Application
from gateway.ari.rest import Rest, read


@dataclass(frozen=True, slots=True)
class Applications:
    """Operations on Stasis applications."""

    rest: Rest

    async def list(self) -> tuple[Application, ...]:
        answer = await self.rest.get("applications.list", "applications")
        return read("applications.list", tuple[Application, ...], answer)

    async def get(self, application_name: str) -> Application:
        """What the application holds now: the truth to compare with after a reconnect."""
        answer = await self.rest.get("applications.get", "applications", application_name)
        return read("applications.get", Application, answer)

    async def subscribe(self, application_name: str, *, event_source: Sequence[str]) -> Application:
        """`event_source`: `channel:<id>`, `bridge:<id>`, `endpoint:PJSIP/x`, `deviceState:<name>`.

        A subscribed channel's ChannelDestroyed arrives after its StasisEnd.
        """
        answer = await self.rest.post(
            "applications.subscribe",
            "applications",
            application_name,
            "subscription",
            query={"eventSource": event_source},
        )
        return read("applications.subscribe", Application, answer)

    async def unsubscribe(
        self, application_name: str, *, event_source: Sequence[str]
    ) -> Application:
        answer = await self.rest.delete(
            "applications.unsubscribe",
            "applications",
            application_name,
            "subscription",
            query={"eventSource": event_source},
        )
        return read("applications.unsubscribe", Application, answer)

    async def filter(
        self,
        application_name: str,
        *,
        allowed: Sequence[str] | None = None,
        disallowed: Sequence[str] | None = None,
    ) -> Application:
        """Which event types are sent; lost with the registration. Asterisk 13.26, 16.3 and on."""
        body = {
            name: [{"type": type_} for type_ in types]
            for name, types in (("allowed", allowed), ("disallowed", disallowed))
            if types is not None
        }
        answer = await self.rest.put(
            "applications.filter", "applications", application_name, "eventFilter", body=body
        )
        return read("applications.filter", Application, answer)
