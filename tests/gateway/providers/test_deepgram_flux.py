"""Flux' own ways: what it says about the turn, and what ends a segment."""

import json

import numpy as np
import pytest

from gateway.config import load
from gateway.errors import ProviderRefused
from gateway.providers.base import Samples, Transcriber, Transcript, TurnHint
from gateway.providers.deepgram_flux import Flux
from gateway.providers.registry_stt import EARS
from tests.vendors import deepgram_flux
from tests.vendors.deepgram_flux import FluxServer
from tests.waiting import until

RATE = 8000


def flux(server: FluxServer, model: str = "flux-general-en", eager: float | None = 0.4) -> Flux:
    return Flux(api_key="k", model=model, base_url=server.address, eager=eager, certain=0.8)


def sound(seconds: float) -> Samples:
    return np.full(int(seconds * RATE), 0.3, np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def feed(ear: Transcriber, *pieces: Samples) -> None:
    for piece in pieces:
        for frame in np.array_split(piece, max(len(piece) // 160, 1)):
            ear.feed(frame)


async def until_final(ear: Transcriber) -> list[Transcript]:
    heard: list[Transcript] = []
    async for transcript in ear.transcripts():
        heard.append(transcript)
        if transcript.final:
            break
    return heard


async def until_over(ear: Transcriber) -> list[Transcript]:
    heard: list[Transcript] = []
    async for transcript in ear.transcripts():
        heard.append(transcript)
        if transcript.hint is TurnHint.OVER:
            break
    return heard


async def test_what_flux_thinks_of_the_turn_goes_along() -> None:
    async with (
        deepgram_flux.serving("good", "morning") as server,
        flux(server).open(language="en-US") as ear,
    ):
        ear.begin()
        feed(ear, sound(0.25), silence(0.4), sound(0.25), silence(0.8))
        ear.pause()
        heard = await until_over(ear)
        ear.end()
        (*_, final) = await until_final(ear)
    assert [each.hint for each in heard if each.hint is not None] == [
        TurnHint.STARTED,
        TurnHint.LIKELY_OVER,
        TurnHint.RESUMED,
        TurnHint.LIKELY_OVER,
        TurnHint.OVER,
    ]
    assert heard[-1].text == final.text == "good morning"
    assert final.hint is None
    assert server.forced == 0, "the turn was over already"


async def test_a_segment_that_ends_first_forces_the_turn_to_end() -> None:
    async with deepgram_flux.serving("yes", "no") as server:
        async with flux(server, eager=None).open(language="en-US") as ear:
            for word in ("yes", "no"):
                ear.begin()
                feed(ear, sound(0.25))
                ear.end()
                heard = await until_final(ear)
                assert heard[-1].text == word
                assert TurnHint.OVER not in [each.hint for each in heard]
        assert server.forced == 2


async def test_turns_of_flux_within_a_segment_are_put_together() -> None:
    async with (
        deepgram_flux.serving("good", "morning") as server,
        flux(server).open(language="en-US") as ear,
    ):
        ear.begin()
        feed(ear, sound(0.25), silence(0.8), sound(0.25))
        ear.end()
        heard = await until_final(ear)
    assert heard[-1].text == "good morning"
    assert heard[-1].audio_end == pytest.approx(1.3, abs=0.1)


async def test_a_vendor_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.providers.deepgram_flux.FINAL_SECONDS", 0.05)
    async with deepgram_flux.serving("yes") as server:
        server.conduct.instead = json.dumps({"type": "Configured"})
        async with flux(server).open(language="en-US") as ear:
            ear.begin()
            feed(ear, sound(0.5))
            ear.end()
            assert [(each.text, each.final) for each in await until_final(ear)] == [("", True)]


async def test_a_silent_line_is_kept_with_a_little_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.providers.deepgram_transcriber.KEEP_ALIVE_SECONDS", 0.02)
    async with deepgram_flux.serving("yes") as server, flux(server).open(language="en-US"):
        await until(lambda: server.heard_seconds > 0.1)


async def test_what_is_asked() -> None:
    async with deepgram_flux.serving() as server:
        async with flux(server, "flux-general-multi").open(language="de-DE", keyterms=("Anna",)):
            pass
        async with flux(server, eager=None).open(language="en-GB"):
            pass
        first, second = server.queries
    assert first["language_hint"] == "de"
    assert (first["eager_eot_threshold"], first["eot_threshold"]) == ("0.4", "0.8")
    assert (first["encoding"], first["sample_rate"], first["keyterm"]) == ("mulaw", "8000", "Anna")
    assert "language_hint" not in second
    assert "eager_eot_threshold" not in second
    assert server.conduct.keys == ["Token k"] * 2


async def test_a_language_that_the_model_does_not_hear() -> None:
    async with deepgram_flux.serving() as server:
        with pytest.raises(ProviderRefused):
            async with flux(server).open(language="de-DE"):
                pass


@pytest.mark.parametrize(("model", "is_flux"), [("nova-3", False), ("flux-general-en", True)])
def test_the_model_says_which_it_is(model: str, *, is_flux: bool) -> None:
    chosen = {"ARI_PASSWORD": "none", "DEEPGRAM_API_KEY": "k", "DEEPGRAM_MODEL": model}
    assert isinstance(EARS["deepgram"].make(load(None, chosen)), Flux) is is_flux
