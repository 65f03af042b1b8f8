"""The transport under the SDKs: what goes out and comes back is what httpx2 means by it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.providers.http import Transport
from tests.waiting import until


@asynccontextmanager
async def asking(answer: web.Application) -> AsyncIterator[httpx2.AsyncClient]:
    runner = web.AppRunner(answer)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port, *_ = runner.addresses[0]
    address = f"http://{host}:{port}"
    try:
        async with httpx2.AsyncClient(transport=Transport(), base_url=address) as client:
            yield client
    finally:
        await runner.cleanup()


def application(method: str, handler: Handler) -> web.Application:
    made = web.Application()
    made.router.add_route(method, "/{path:.*}", handler)
    return made


async def test_a_request_arrives_as_it_was_made() -> None:
    async def echo(request: web.Request) -> web.Response:
        assert request.headers["x-key"] == "k"
        return web.Response(body=await request.read(), headers={"x-path": request.raw_path})

    async with asking(application("POST", echo)) as client:
        answer = await client.post(
            "/a%2Fb?c=d%20e", content=b"\0" * 100_000, headers={"x-key": "k"}
        )
    assert answer.content == b"\0" * 100_000
    assert answer.headers["x-path"] == "/a%2Fb?c=d%20e"


async def test_compressed_answers_are_unpacked_and_redirects_not_followed() -> None:
    async def moved(_request: web.Request) -> web.Response:
        answer = web.Response(status=302, text="there", headers={"location": "/other"})
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    async with asking(application("GET", moved)) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.text, answer.headers["location"]) == (302, "there", "/other")


async def test_an_answer_left_early_closes_its_connection() -> None:
    gone = False

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal gone
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"word")
        finally:
            gone = True

    async with asking(application("GET", endless)) as client:
        async with client.stream("GET", "/") as answer:
            assert await anext(answer.aiter_bytes(4)) == b"word"
        await until(lambda: gone)


async def test_errors_are_those_of_httpx2() -> None:
    async def torn(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-length": "10"})
        await answer.prepare(request)
        assert request.transport is not None
        request.transport.abort()
        return answer

    async with asking(application("GET", torn)) as client:
        with pytest.raises(httpx2.TransportError):
            await client.get("/")
    async with httpx2.AsyncClient(transport=Transport()) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("http://127.0.0.1:9/")
