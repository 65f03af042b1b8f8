"""The relay passes every byte on, and sees the event in whatever pieces it comes."""

import asyncio
import json
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from gateway.lab.ports import LOOPBACK
from tests.benchmarks.ari_tap import AriTap

NUMBER = "5550107"
EVENT = json.dumps(
    {
        "type": "StasisStart",
        "timestamp": "2026-11-22T15:48:51.072+0000",
        "args": [],
        "channel": {
            "id": "lab-1795362531.2",
            "name": "PJSIP/anonymous-00000002",
            "state": "Ring",
            "protocol_id": "929c1c0302337b04",
            "caller": {"name": "", "number": NUMBER},
        },
    },
    separators=(",", ":"),
).encode()


@asynccontextmanager
async def tapped(pieces: list[bytes]) -> AsyncIterator[tuple[AriTap, StreamReader]]:
    """A server that sends `pieces`, one after the other, through a tap to the reader."""

    async def serve(_reader: StreamReader, writer: StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.close()

    async with (
        await asyncio.start_server(serve, LOOPBACK, 0) as server,
        AriTap(server.sockets[0].getsockname()[1]) as tap,
    ):
        host, port = tap.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        yield tap, reader
        writer.close()


@pytest.mark.parametrize("cut", [0, 5, len(EVENT) // 2, len(EVENT) - 30])
async def test_an_event_is_seen_also_where_two_pieces_share_it(cut: int) -> None:
    before = time.monotonic()
    async with tapped([b"\x81\x7e" + EVENT[:cut], EVENT[cut:]]) as (tap, reader):
        assert await reader.read(-1) == b"\x81\x7e" + EVENT
        assert set(tap.entered) == {NUMBER}
        assert before < tap.entered[NUMBER] <= time.monotonic()


async def test_other_events_of_a_caller_are_not_the_begin_of_a_call() -> None:
    other = EVENT.replace(b"StasisStart", b"ChannelStateChange")
    async with tapped([other]) as (tap, reader):
        assert await reader.read(-1) == other
        assert tap.entered == {}


async def test_requests_reach_the_server_behind_the_tap() -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    application = web.Application()
    application.router.add_post("/", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    async with (
        AriTap(runner.addresses[0][1]) as tap,
        aiohttp.ClientSession() as session,
        session.post(tap.url, data="answer the channel") as response,
    ):
        assert await response.text() == "answer the channel"
    await runner.cleanup()
