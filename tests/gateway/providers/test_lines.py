"""Lines to a vendor: used again, given up when old, and replaced when they died unseen."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from gateway.errors import ProviderTimeout, ProviderUnavailable
from gateway.providers.lines import MOST_IDLE, Line, Lines, dial
from tests.vendors.websocket import SocketServer, running
from tests.waiting import until


class Echo(SocketServer):
    """Says back what it is told, until it is told to die."""

    async def listen(self, request: web.Request) -> web.StreamResponse:
        if (refused := await self.refused(request)) is not None:
            return refused
        async with self.accepted(request) as socket:
            async for message in socket:
                told = message.json()
                if told["say"] == "die":
                    self.cut(request)
                elif told["say"] != "nothing":
                    await socket.send_json(told)
        return socket


@asynccontextmanager
async def lines_to_echo(
    kept_seconds: float = 60.0, most_requests: int = 99
) -> AsyncIterator[tuple[Lines[str], Echo]]:
    server = Echo("x-key")

    async def connect(session: aiohttp.ClientSession, purpose: str) -> Line:
        return await dial("echo", session, f"{server.address}/{purpose}", headers={"x-key": "k"})

    async with running(server, **{"GET /{purpose}": server.listen}):
        lines = Lines(connect, kept_seconds=kept_seconds, most_requests=most_requests)
        try:
            yield lines, server
        finally:
            await lines.close()
        await until(lambda: server.sockets == 0)


async def say(
    lines: Lines[str], word: str, purpose: str = "a", patience: float = 30.0
) -> list[object]:
    async def request(line: Line) -> AsyncGenerator[object]:
        await line.send({"say": word})
        yield await line.receive(patience)
        line.done = True

    return [piece async for piece in lines.stream(purpose, request)]


async def test_a_line_is_used_again_for_the_same_purpose() -> None:
    async with lines_to_echo() as (lines, server):
        assert await say(lines, "one") == [{"say": "one"}]
        await say(lines, "two")
        assert server.dialled == 1
        await say(lines, "three", "b")
        assert server.dialled == 2


async def test_an_idle_line_that_died_is_replaced() -> None:
    async with lines_to_echo() as (lines, server):
        await say(lines, "one")
        server.conduct.requests.clear()
        async with lines.line("a") as line:
            await line.send({"say": "die"})
            line.done = True
        await until(lambda: server.sockets == 0)
        assert await say(lines, "two") == [{"say": "two"}]
        assert server.dialled == 2


async def test_a_fresh_line_that_dies_is_an_error() -> None:
    async with lines_to_echo() as (lines, server):
        with pytest.raises(ProviderUnavailable):
            await say(lines, "die")
        assert server.dialled == 1


async def test_a_vendor_that_is_silent_is_not_asked_again() -> None:
    async with lines_to_echo() as (lines, server):
        await say(lines, "one")
        with pytest.raises(ProviderTimeout):
            await say(lines, "nothing", patience=0.05)
        assert server.dialled == 1


async def test_a_line_that_was_left_is_closed() -> None:
    async with lines_to_echo() as (lines, server):
        async with lines.line("a") as line:
            await line.send({"say": "one"})
        await until(lambda: server.sockets == 0)


async def test_old_lines_are_closed() -> None:
    async with lines_to_echo(kept_seconds=0.01) as (lines, server):
        await lines.open("a")
        await asyncio.sleep(0.02)
        await lines.open("b")
        await until(lambda: server.sockets == 1)
        assert server.dialled == 2


async def test_a_line_has_so_many_requests() -> None:
    async with lines_to_echo(most_requests=2) as (lines, server):
        for word in ("one", "two", "three"):
            await say(lines, word)
        assert server.dialled == 2


async def test_what_a_burst_opened_is_not_all_kept() -> None:
    async with lines_to_echo() as (lines, server):
        await asyncio.gather(*(say(lines, "one") for _ in range(MOST_IDLE + 9)))
        await until(lambda: server.sockets <= MOST_IDLE)


async def test_opening_in_advance_is_no_request() -> None:
    async with lines_to_echo() as (lines, server):
        await lines.open("a")
        await lines.open("a")
        assert server.dialled == 1
        assert server.told == []
