"""What every benchmark of calls needs: a private Asterisk and the gateway as its own process."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.gateway_process import AriAccount, GatewayProcess
from gateway.lab.asterisk import PrivateAsterisk
from tests.benchmarks.ari_tap import AriTap


@dataclass(frozen=True, slots=True)
class House:
    """Ready to take calls with the embedded default; `tap` sees the events on their way."""

    asterisk: PrivateAsterisk
    tap: AriTap
    gateway: GatewayProcess


@asynccontextmanager
async def house(*, max_calls: int = 50) -> AsyncIterator[House]:
    """A house on loopback; nothing of it is left behind the block."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-gateway-bench-"))
        asterisk = await stack.enter_async_context(PrivateAsterisk())
        tap = await stack.enter_async_context(AriTap(asterisk.http_port))
        account = AriAccount(tap.url, asterisk.username, asterisk.password, asterisk.app)
        gateway = GatewayProcess(account, folder=Path(folder), max_calls=max_calls)
        yield House(asterisk, tap, await stack.enter_async_context(gateway))
