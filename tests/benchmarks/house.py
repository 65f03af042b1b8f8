"""What every benchmark of calls needs: a private Asterisk and the gateway as its own process."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.gateway_process import AriAccount, GatewayProcess, Tables
from gateway.lab.asterisk import PrivateAsterisk
from tests.benchmarks.ari_tap import AriTap

PROFILES = Path(__file__).parent / "profiles"
SCRIPTED = "ai_bench"
"""The extension of the agent in `PROFILES`."""


@dataclass(frozen=True, slots=True)
class House:
    """Ready to take calls, and busy with nothing else; `tap` sees the events on their way."""

    asterisk: PrivateAsterisk
    tap: AriTap
    gateway: GatewayProcess


@asynccontextmanager
async def house(
    *,
    max_calls: int = 50,
    settings: Tables | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[House]:
    """A house on loopback with the embedded default, or what `settings` and `environment` change of
    it; nothing of it is left behind the block."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-gateway-bench-"))
        asterisk = await stack.enter_async_context(PrivateAsterisk())
        tap = await stack.enter_async_context(AriTap(asterisk.http_port))
        account = AriAccount(tap.url, asterisk.username, asterisk.password, asterisk.app)
        gateway = GatewayProcess(
            account,
            folder=Path(folder),
            max_calls=max_calls,
            settings=settings,
            environment=environment,
        )
        await stack.enter_async_context(gateway)
        await gateway.until_prepared()
        yield House(asterisk, tap, gateway)


def scripted(address: str, profiles: Path = PROFILES) -> Tables:
    """Tables with which the model at `address` decides what the benchmarks' agent says."""
    return {
        "profiles": {"folder": str(profiles), "default": "bench"},
        "llm": {"provider": "anthropic"},
        "anthropic": {"base_url": address},
    }


KEY = {"ANTHROPIC_API_KEY": "none", "DEEPGRAM_API_KEY": "none"}
"""What scripted vendors take for keys."""
