"""A sentence is spoken whole, whichever voices fail on the way."""

import asyncio
from decimal import Decimal

import numpy as np
import pytest

from gateway.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from gateway.kinds import Kind
from gateway.money.budget import Budget, Limits
from gateway.money.prices import load_prices
from gateway.money.purse import Purse, paying
from gateway.providers.base import SpeechChunk, Voice
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.voices import SteadyVoice
from tests.fakes.providers import HANGS, WORD_SECONDS, ScriptedVoice, candidates

pytestmark = pytest.mark.virtual_time

VOICE = Voice("en-US", "Kore", 1.1)
TEXT = "Nine ten nine ten nine ten"
DOWN = ProviderUnavailable("x", "down")


def steady(*voices: ScriptedVoice, hedge: float | None = None) -> SteadyVoice:
    made = candidates(Kind.TTS, *voices)
    return SteadyVoice(made, Board(clock=made[0].health.clock), hedge=hedge)


async def spoken(voice: SteadyVoice, text: str = TEXT) -> list[SpeechChunk]:
    return [chunk async for chunk in voice.synthesize(text, VOICE)]


def words_in(chunks: list[SpeechChunk]) -> float:
    samples = sum(len(np.frombuffer(chunk.audio, np.float32)) for chunk in chunks)
    return samples / 8000 / WORD_SECONDS


async def test_the_next_voice_speaks_in_its_own_voice() -> None:
    first, second = ScriptedVoice("first", [DOWN]), ScriptedVoice("second", ["all"])
    chunks = await spoken(steady(first, second))
    assert words_in(chunks) == pytest.approx(6)
    assert first.requests == [(TEXT, VOICE)]
    assert second.requests == [(TEXT, Voice("en-US", None, 1.1))]
    assert all(chunk.stand_in for chunk in chunks)


async def test_it_goes_on_at_the_first_word_that_was_not_said() -> None:
    first, second = ScriptedVoice("first", [3, DOWN]), ScriptedVoice("second", ["all"])
    chunks = await spoken(steady(first, second))
    (request,) = second.requests
    assert isinstance(request, tuple)
    rest = str(request[0])
    assert TEXT.endswith(rest)
    # the scripted voice speaks at its own pace: the estimate may be a word off
    assert 2 <= len(rest.split()) <= 4
    assert [chunk.stand_in for chunk in chunks] == [False, True]


async def test_one_that_hangs_in_mid_sentence_is_followed() -> None:
    first, second = ScriptedVoice("first", [3, HANGS]), ScriptedVoice("second", ["all"])
    await spoken(steady(first, second))
    assert asyncio.get_running_loop().time() == pytest.approx(1.0)
    assert (first.running, first.closed_early) == (0, 1)


async def test_what_the_usual_voice_refuses_is_no_stand_ins_work() -> None:
    first = ScriptedVoice("first", [ProviderRefused("first", "not in this language")])
    chunks = await spoken(steady(first, ScriptedVoice("second", ["all"])))
    assert not any(chunk.stand_in for chunk in chunks)


async def test_a_slow_voice_is_overtaken() -> None:
    slow, quick = ScriptedVoice("slow", [1.5, "all"]), ScriptedVoice("quick", ["all"])
    assert words_in(await spoken(steady(slow, quick, hedge=0.4))) == pytest.approx(6)
    assert asyncio.get_running_loop().time() == pytest.approx(0.4)
    assert slow.closed_early == 1


async def test_what_has_no_sound_is_not_asked_for() -> None:
    voice = ScriptedVoice("first", ["all"])
    assert await spoken(steady(voice), " - ") == []
    assert not voice.requests


async def test_a_call_that_has_to_be_cheap_gets_the_cheapest_voice() -> None:
    dear, cheap = ScriptedVoice("dear", ["all"]), ScriptedVoice("cheap", ["all"])
    made = candidates(Kind.TTS, dear, cheap)
    costs = {"dear": Decimal(9), "cheap": Decimal(1)}
    board = Board(clock=made[0].health.clock, cost=lambda source: costs[source.provider])
    voice = SteadyVoice(made, board)
    await spoken(voice)
    soft = Budget(call=Limits(soft=Decimal(0)))
    with paying(Purse(load_prices(), budget=soft)):
        chunks = await spoken(voice)
    assert (len(dear.requests), len(cheap.requests)) == (1, 1)
    assert all(chunk.stand_in for chunk in chunks)


async def test_when_none_speaks_the_error_is_the_last_ones() -> None:
    refusal = ProviderRefused("x", "key")
    first, second = ScriptedVoice("first", [refusal]), ScriptedVoice("second", [HANGS])
    with pytest.raises(ProviderTimeout, match="second"):
        await spoken(steady(first, second))
