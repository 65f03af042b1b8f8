"""ARI's `asterisk` operations: the server itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.ari.resources import AsteriskInfo, AsteriskPing, Module
from gateway.ari.rest import Rest, read


@dataclass(frozen=True, slots=True)
class _Variable:
    value: str = ""


@dataclass(frozen=True, slots=True)
class Asterisk:
    """Operations on the Asterisk server."""

    rest: Rest

    async def get_info(self, *, only: Sequence[str] | None = None) -> AsteriskInfo:
        """`only`: any of build, system, config, status."""
        answer = await self.rest.get("asterisk.getInfo", "asterisk", "info", query={"only": only})
        return read("asterisk.getInfo", AsteriskInfo, answer)

    async def ping(self) -> AsteriskPing:
        answer = await self.rest.get("asterisk.ping", "asterisk", "ping")
        return read("asterisk.ping", AsteriskPing, answer)

    async def list_modules(self) -> tuple[Module, ...]:
        """Every module Asterisk knows; only those with `status` Running work."""
        answer = await self.rest.get("asterisk.listModules", "asterisk", "modules")
        return read("asterisk.listModules", tuple[Module, ...], answer)

    async def get_module(self, module_name: str) -> Module:
        """Raises AriNotFound when it is not there, AriConflict when it cannot be told."""
        answer = await self.rest.get("asterisk.getModule", "asterisk", "modules", module_name)
        return read("asterisk.getModule", Module, answer)

    async def load_module(self, module_name: str) -> None:
        await self.rest.post("asterisk.loadModule", "asterisk", "modules", module_name)

    async def unload_module(self, module_name: str) -> None:
        await self.rest.delete("asterisk.unloadModule", "asterisk", "modules", module_name)

    async def get_global_var(self, variable: str) -> str:
        """A global variable or function; empty when it is not set."""
        answer = await self.rest.get(
            "asterisk.getGlobalVar", "asterisk", "variable", query={"variable": variable}
        )
        return read("asterisk.getGlobalVar", _Variable, answer).value

    async def set_global_var(self, variable: str, value: str) -> None:
        await self.rest.post(
            "asterisk.setGlobalVar",
            "asterisk",
            "variable",
            query={"variable": variable, "value": value},
        )
