"""The doctor asks each provider alone, as a call would: against the vendors' local servers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from gateway.config import Settings
from gateway.doctor import live
from gateway.doctor.examination import Examination
from gateway.doctor.finding import Finding, to_json, well
from gateway.errors import ProviderRefused, ProviderTimeout
from gateway.kinds import Kind
from tests.vendors import deepgram, openai_audio, sse
from tests.vendors.anthropic import AnthropicWire
from tests.vendors.deepgram import DeepgramServer
from tests.vendors.openai_audio import OpenAiAudioServer
from tests.waiting import until

PROFILES = Path(__file__).parents[3] / "profiles"


class Silence:
    audio = np.zeros(8000, np.float32)


@dataclass
class Vendors:
    """Three vendors, and the settings that name them."""

    ear: DeepgramServer
    model: sse.Server
    voice: OpenAiAudioServer
    settings: Settings

    async def found(self, kind: Kind, provider: str) -> Finding:
        (check,) = (
            check
            for check in live.checks(self.settings, ())
            if check.name == live.name_of(kind, provider)
        )
        # none of these checks goes to Asterisk
        examination = Examination.__new__(Examination)
        object.__setattr__(examination, "settings", self.settings)
        return await check.prove(examination)


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    async with (
        deepgram.serving("what", "are", "your") as ear,
        sse.serving(AnthropicWire(), "Hello.") as model,
        openai_audio.serving() as voice,
    ):
        settings = Settings.model_validate(
            {
                "ari": {"password": "secret"},
                "stt": {"provider": "deepgram"},
                "llm": {"provider": ["anthropic", "openai"]},
                "tts": {"provider": "openai"},
                "deepgram": {"api_key": "k", "base_url": ear.address},
                "anthropic": {"api_key": "k", "base_url": model.address},
                "openai": {"api_key": "k", "base_url": f"{voice.address}/v1"},
                "profiles": {"folder": PROFILES},
            }
        )
        yield Vendors(ear, model, voice, settings)


async def test_an_ear_hears_a_recorded_question(vendors: Vendors) -> None:
    finding = await vendors.found(Kind.STT, "deepgram")
    assert finding.ok, finding
    assert "first transcript" in finding.detail
    assert finding.first_result_seconds is not None
    assert vendors.ear.heard_seconds > 1
    await until(lambda: vendors.ear.open == 0)


async def test_a_model_says_its_first_words(vendors: Vendors) -> None:
    finding = await vendors.found(Kind.LLM, "anthropic")
    assert finding.ok, finding
    assert "first words" in finding.detail


async def test_a_voice_makes_its_first_sound(vendors: Vendors) -> None:
    finding = await vendors.found(Kind.TTS, "openai")
    assert finding.ok, finding
    assert "first sound" in finding.detail
    assert vendors.voice.texts == ["Hello."]


async def test_every_provider_of_a_list_is_asked(vendors: Vendors) -> None:
    names = [check.name for check in live.checks(vendors.settings, ("agent profiles",))]
    assert names == [
        "speech to text: deepgram",
        "language model: anthropic",
        "language model: openai",
        "text to speech: openai",
    ]


@pytest.mark.parametrize(
    ("kind", "provider", "variable"),
    [
        (Kind.STT, "deepgram", "DEEPGRAM_API_KEY"),
        (Kind.LLM, "anthropic", "ANTHROPIC_API_KEY"),
        (Kind.TTS, "openai", "OPENAI_API_KEY"),
    ],
)
async def test_a_wrong_key_is_found_and_named(
    vendors: Vendors, kind: Kind, provider: str, variable: str
) -> None:
    for server in (vendors.ear, vendors.model, vendors.voice):
        server.conduct.status = 401
    finding = await vendors.found(kind, provider)
    assert not finding.ok
    assert finding.fix == f"{provider} does not accept the key: make {variable} right"


async def test_a_missing_key_is_found_and_named(vendors: Vendors) -> None:
    unset = vendors.settings.deepgram.model_copy(update={"api_key": None})
    vendors.settings = vendors.settings.model_copy(update={"deepgram": unset})
    finding = await vendors.found(Kind.STT, "deepgram")
    assert "DEEPGRAM_API_KEY" in finding.fix


async def test_a_limit_that_is_reached_is_told_from_a_wrong_key(vendors: Vendors) -> None:
    vendors.ear.conduct.status = 429
    finding = await vendors.found(Kind.STT, "deepgram")
    assert "limits of your account" in finding.fix


async def test_a_vendor_that_is_not_there(vendors: Vendors) -> None:
    await vendors.voice.stop()
    finding = await vendors.found(Kind.TTS, "openai")
    assert not finding.ok
    assert "can be reached" in finding.fix


async def test_an_ear_that_understands_nothing(
    vendors: Vendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "utterance", lambda name: Silence())
    finding = await vendors.found(Kind.STT, "deepgram")
    assert "understood no word" in finding.detail


async def test_one_that_never_answers_is_not_waited_for_for_ever(
    vendors: Vendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendors.model.conduct.delay = 600.0
    monkeypatch.setattr(live, "READY_SECONDS", 0.05)
    monkeypatch.setattr(live, "ANSWER_SECONDS", 0.05)
    async with asyncio.timeout(60):
        finding = await vendors.found(Kind.LLM, "anthropic")
    assert not finding.ok
    assert "can be reached" in finding.fix


def test_machines_are_told_the_time_to_the_first_result() -> None:
    assert '"first_result_seconds": 0.25' in to_json([well("a", "b", 0.25)])


def test_keys_are_those_of_the_settings() -> None:
    assert live.key_variables("google") == ("GOOGLE_APPLICATION_CREDENTIALS",)
    assert live.key_variables("moonshine") == ()
    refused = ProviderRefused("moonshine", "its weights are not installed")
    assert "refuses the request" in live.fix_of(refused, "moonshine")
    assert "reached" in live.fix_of(ProviderTimeout("x", "late"), "x")
