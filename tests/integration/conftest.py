"""Real parts for integration tests: Asterisk, phones, Redis. Fetched once, never skipped."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio

from gateway.ari.client import AriClient
from gateway.ari.settings import AriSettings
from gateway.errors import AriError
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.phone import Answer, Phone
from gateway.lab.redis import PrivateRedis


@pytest.fixture(scope="session", autouse=True)
def terminate_in_order() -> Iterator[None]:
    """SIGTERM ends the tests as Ctrl-C does, so that the real parts are stopped and removed.

    A shell's background jobs ignore Ctrl-C, and so would all that the tests start.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_asterisk() -> AsyncIterator[PrivateAsterisk]:
    async with PrivateAsterisk() as asterisk:
        yield asterisk


@pytest_asyncio.fixture
async def asterisk(shared_asterisk: PrivateAsterisk) -> AsyncIterator[PrivateAsterisk]:
    """One Asterisk for all tests: each leaves it without channels and bridges.

    What a test leaves is its own failure, and is removed: the next one finds an empty Asterisk.
    """
    yield shared_asterisk
    settings = AriSettings(
        shared_asterisk.ari_url, shared_asterisk.username, shared_asterisk.password, "left"
    )
    async with AriClient(settings) as ari:
        if left := await _left(ari):
            await _remove_all(ari)
            pytest.fail(f"left in Asterisk: {', '.join(left)}")


async def _left(ari: AriClient) -> list[str]:
    """What stays; a channel that was hung up may be listed for a moment still."""
    left: list[str] = []
    for _ in range(600):
        left = [channel.name for channel in await ari.channels.list()]
        left += [bridge.id for bridge in await ari.bridges.list()]
        if not left:
            break
        await asyncio.sleep(0.05)
    return left


async def _remove_all(ari: AriClient) -> None:
    for channel in await ari.channels.list():
        with suppress(AriError):
            await ari.channels.hangup(channel.id)
    for bridge in await ari.bridges.list():
        with suppress(AriError):
            await ari.bridges.destroy(bridge.id)


@pytest_asyncio.fixture
async def own_asterisk() -> AsyncIterator[PrivateAsterisk]:
    """An Asterisk that the test may stop, restart or break."""
    async with PrivateAsterisk() as asterisk:
        yield asterisk


class PhoneFactory(Protocol):
    def __call__(
        self,
        name: str,
        *,
        register: str | None = None,
        answer: Answer = Answer.MANUAL,
        recordings: Path | None = None,
    ) -> Awaitable[Phone]: ...


@pytest_asyncio.fixture
async def phone() -> AsyncIterator[PhoneFactory]:
    """Makes running phones that are gone after the test: `caller = await phone("caller")`."""
    async with AsyncExitStack() as stack:

        async def make(
            name: str,
            *,
            register: str | None = None,
            answer: Answer = Answer.MANUAL,
            recordings: Path | None = None,
        ) -> Phone:
            return await stack.enter_async_context(
                Phone(name, register=register, answer=answer, recordings=recordings)
            )

        yield make


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def redis_server() -> AsyncIterator[PrivateRedis]:
    async with PrivateRedis() as redis:
        yield redis


@pytest_asyncio.fixture
async def redis_url(redis_server: PrivateRedis) -> str:
    """A real Redis with nothing stored."""
    await redis_server.flush()
    return redis_server.url
