"""Deepgram's own ways: what its query says, and the line it keeps open."""

import pytest

from gateway.providers.deepgram import Deepgram
from tests.vendors import deepgram
from tests.vendors.deepgram import DeepgramServer
from tests.waiting import until


def nova(server: DeepgramServer) -> Deepgram:
    return Deepgram(api_key="k", model="nova-3", base_url=server.address)


async def test_telephone_audio_language_and_terms_reach_the_vendor() -> None:
    async with deepgram.serving("ja") as server:
        async with nova(server).open(language="de-DE", keyterms=("Hibari", "Asterisk")):
            pass
        (query,) = server.queries
    assert server.conduct.keys == ["Token k"]
    expected = {("encoding", "mulaw"), ("sample_rate", "8000"), ("language", "de")}
    expected |= {("keyterm", "Hibari"), ("keyterm", "Asterisk"), ("interim_results", "true")}
    assert expected <= set(query)


async def test_a_silent_line_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.providers.deepgram_transcriber.KEEP_ALIVE_SECONDS", 0.02)
    async with deepgram.serving("yes") as server, nova(server).open(language="en-US"):
        await until(lambda: server.told.count("KeepAlive") >= 2)
