"""A private Redis on loopback that keeps nothing on disk."""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.lab.archive import REDIS, bring
from gateway.lab.errors import LabError
from gateway.lab.ports import LOOPBACK, SMALL, leased_range
from gateway.lab.process import Process

START_SECONDS = 30.0


class PrivateRedis:
    """`async with PrivateRedis() as redis:` — a real redis-server at `redis.url`."""

    def __init__(self, *, arguments: tuple[str, ...] = ()) -> None:
        self._arguments = arguments
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def process(self) -> Process:
        """To stop or kill it while something uses it."""
        return self._process

    async def __aenter__(self) -> Self:
        root = await asyncio.to_thread(bring, REDIS)
        async with AsyncExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="voice-gateway-redis-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            self.port = stack.enter_context(leased_range(SMALL)).start
            settings = ("--port", str(self.port), "--bind", LOOPBACK, "--dir", str(folder))
            memory_only = ("--save", "", "--appendonly", "no")
            command = root.command("usr/bin/redis-server")
            self._process = await stack.enter_async_context(
                Process(
                    "redis",
                    (*command, *settings, *memory_only, *self._arguments),
                    folder=folder,
                    log=folder / "log",
                )
            )
            await self._wait_until_up()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _wait_until_up(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await self._answers():
                    self._process.check()
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise LabError("redis", f"not up: {self._process.last_words()}") from None

    async def _answers(self) -> bool:
        try:
            return await self._ask(b"PING") == b"+PONG\r\n"
        except ConnectionRefusedError:
            return False

    async def flush(self) -> None:
        """Forget everything stored."""
        await self._ask(b"FLUSHALL")

    async def _ask(self, command: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
        writer.write(command + b"\r\n")
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return answer
