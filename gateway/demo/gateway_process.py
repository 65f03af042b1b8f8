"""The gateway as its own process, the way an administrator runs it, with the embedded default."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

import aiohttp

import gateway
from gateway.lab.archive import cache_folder
from gateway.lab.errors import LabError
from gateway.lab.ports import LOOPBACK
from gateway.lab.process import Process
from gateway.providers.base import Json

CHECKOUT = Path(gateway.__file__).parents[1]
PROFILES = CHECKOUT / "profiles"
READY_SECONDS = 120.0
"""The first start on a machine prepares the speech recogniser."""
PREPARED_SECONDS = 180.0
STOP_SECONDS = 30.0
"""It drains, and then writes the last records: not to be missed where the machine is busy."""
NAME = "gateway"

T = TypeVar("T")
Tables: TypeAlias = Mapping[str, Mapping[str, str | int]]
"""Settings by section."""


@dataclass(frozen=True, slots=True)
class AriAccount:
    """How the gateway reaches Asterisk. The password travels in the environment alone."""

    url: str
    username: str
    password: str
    app: str


class GatewayProcess:
    """`async with GatewayProcess(account, folder=…) as gateway:` — ready to take calls inside.

    Writes `gateway.toml`, `gateway.log` and `records/` into `folder`. `settings` and `environment`
    come on top of the embedded default's; `module` is one that runs the command line. Nothing of
    the user's own environment reaches it, so no key or provider set there changes what is shown.
    Raises LabError with its last words if it does not start.
    """

    def __init__(
        self,
        account: AriAccount,
        *,
        folder: Path,
        max_calls: int = 50,
        settings: Tables | None = None,
        environment: Mapping[str, str] | None = None,
        module: str = "gateway",
    ) -> None:
        self.log = folder / "gateway.log"
        self.records = folder / "records"
        self._account = account
        self._folder = folder
        self._max_calls = max_calls
        self._further_settings = settings or {}
        self._further_environment = environment or {}
        self._module = module
        self._stack = AsyncExitStack()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "gateway.toml"
        file.write_text(_toml(self._settings()))
        command = (sys.executable, "-m", self._module, "--config", str(file), "serve")
        self._process = Process(
            NAME,
            command,
            folder=CHECKOUT,
            log=self.log,
            environment=self._environment(),
            stop_seconds=STOP_SECONDS,
        )
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._process)
            await self._until_ready(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def until_prepared(self) -> None:
        """All that its agents say in fixed words is made: it has nothing to do beside calls.

        Raises LabError where it cannot be made, or takes too long.
        """
        try:
            async with asyncio.timeout(PREPARED_SECONDS):
                await self._until(self._is_prepared)
        except TimeoutError:
            raise LabError(NAME, "still makes its phrases") from None

    async def stop(self) -> None:
        """SIGTERM, as an administrator would: its last records are written. Idempotent."""
        await self._stack.aclose()

    async def calls(self) -> int:
        """How many calls it has."""
        async with self._admin.get("/calls") as answer:
            return len((await answer.json())["calls"])

    async def metrics(self) -> str:
        """Its metrics in Prometheus' text format."""
        async with self._admin.get("/metrics") as answer:
            return await answer.text()

    def call_records(self) -> list[Mapping[str, Json]]:
        """What it wrote of its calls, oldest first; all of it is there once it was stopped."""
        return [json.loads(file.read_text()) for file in sorted(self.records.glob("*.json"))]

    async def _until_ready(self, stack: AsyncExitStack) -> None:
        try:
            async with asyncio.timeout(READY_SECONDS):
                address = await self._until(self._admin_address)
                self._admin = await stack.enter_async_context(
                    aiohttp.ClientSession(f"http://{address}")
                )
                await self._until(self._is_ready)
        except TimeoutError:
            raise LabError(NAME, f"is not ready: {self._process.last_words()}") from None

    async def _until(self, look: Callable[[], Awaitable[T | None]]) -> T:
        """What `look` finds, as soon as it finds something; LabError if the process ends."""
        while (found := await look()) is None:
            self._process.check()
            await asyncio.sleep(0.05)
        return found

    async def _admin_address(self) -> str | None:
        """It chooses a free port itself, so that nobody can take it before, and logs it."""
        for line in self.log.read_text().splitlines():
            if "admin_listening" in line:
                return str(json.loads(line)["address"])
        return None

    async def _is_ready(self) -> bool | None:
        try:
            async with self._admin.get("/readyz") as answer:
                return answer.status == 200 or None
        except aiohttp.ClientConnectionError:
            return None

    async def _is_prepared(self) -> bool | None:
        said = self.log.read_text()
        if "phrases_not_prepared" in said:
            raise LabError(NAME, f"cannot say its phrases: {self._process.last_words()}")
        return "phrases_prepared" in said or None

    def _settings(self) -> Tables:
        return {
            "ari": {
                "url": self._account.url,
                "username": self._account.username,
                "app": self._account.app,
            },
            "rtp": {"bind": f"{LOOPBACK}:0"},
            "admin": {"bind": f"{LOOPBACK}:0"},
            "calls": {"max_calls": self._max_calls, "drain_seconds": 2},
            "profiles": {"folder": str(PROFILES)},
            "records": {"folder": str(self.records.absolute())},
            "logging": {"format": "json"},
            "cache": {"folder": str(cache_folder())},
            **self._further_settings,
        }

    def _environment(self) -> Mapping[str, str]:
        return {
            "ARI_PASSWORD": self._account.password,
            "HOME": str(Path.home()),
            "LANG": "C.UTF-8",
            "PATH": os.defpath,
            **self._further_environment,
        }


def _toml(tables: Tables) -> str:
    """JSON's strings and numbers are TOML's too."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )
