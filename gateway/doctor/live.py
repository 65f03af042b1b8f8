"""Does each configured provider work, and how quick is it? Asked as a call would ask it.

One after the other, each alone, so that none hides behind the next in its list: an ear is played a
recorded question, a model is asked to say hello, a voice says hello. It costs next to nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TypeVar

from gateway.config import Settings, every_setting
from gateway.doctor.examination import Check, Examination
from gateway.doctor.finding import Finding, failed, well
from gateway.errors import (
    ConfigError,
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
)
from gateway.kinds import Kind
from gateway.lab.sound import TELEPHONE_RATE
from gateway.lab.speech import utterance
from gateway.languages import english_name
from gateway.profile import Profile, choose_profile, load_profiles
from gateway.providers import registry
from gateway.providers.base import (
    LanguageModel,
    Message,
    ModelRequest,
    Role,
    SpeechToText,
    TextDelta,
    TextToSpeech,
    Transcriber,
    Voice,
)
from gateway.providers.coverage import serves
from gateway.providers.streams import closing
from rtp.resample import resample

NAMES = {
    Kind.STT: "speech to text",
    Kind.LLM: "language model",
    Kind.TTS: "text to speech",
}
SPOKEN_TO_THE_EAR = "bella-hours"
"""A recording of a question in English."""
LANGUAGE_OF_IT = "en-US"
READY_SECONDS = 60.0
"""An embedded provider may have to load its weights."""
ANSWER_SECONDS = 15.0
FRAMES_PER_SECOND = 50
HELLO: Mapping[str, str] = {"de": "Hallo.", "es": "Hola.", "fr": "Bonjour.", "zh": "你好。"}

Piece = TypeVar("Piece")


def checks(settings: Settings, needs: tuple[str, ...]) -> tuple[Check, ...]:
    """One for each configured provider; `needs` are the checks that profiles can be read."""
    return tuple(
        Check(name_of(kind, provider), _proof(kind, provider), needs)
        for kind, providers in (
            (Kind.STT, settings.stt.provider),
            (Kind.LLM, settings.llm.provider),
            (Kind.TTS, settings.tts.provider),
        )
        for provider in providers
    )


def name_of(kind: Kind, provider: str) -> str:
    return f"{NAMES[kind]}: {provider}"


def _proof(kind: Kind, provider: str) -> Callable[[Examination], Awaitable[Finding]]:
    async def prove(examination: Examination) -> Finding:
        name = name_of(kind, provider)
        try:
            return await _tried(kind, provider, only(examination.settings, kind, provider))
        except ConfigError as error:
            return failed(name, f"{error.field} = {error.value}", error.fix)
        except ProviderError as error:
            return failed(name, str(error), fix_of(error, provider))
        except TimeoutError:
            late = ProviderTimeout(provider, "no answer in time")
            return failed(name, str(late), fix_of(late, provider))

    return prove


def only(settings: Settings, kind: Kind, provider: str) -> Settings:
    """The settings with this provider alone."""
    section = getattr(settings, kind.value).model_copy(update={"provider": (provider,)})
    return settings.model_copy(update={kind.value: section})


async def _tried(kind: Kind, provider: str, settings: Settings) -> Finding:
    profiles = load_profiles(settings.profiles.folder)
    profile = choose_profile(profiles, settings.profiles.default, field="profiles.default")
    name = name_of(kind, provider)
    match kind:
        case Kind.STT:
            return await _heard(name, provider, registry.speech_to_text(settings))
        case Kind.LLM:
            return await _thought(name, registry.language_model(settings, profiles), profile)
        case Kind.TTS:
            return await _spoke(name, registry.text_to_speech(settings), profile)


async def _heard(name: str, provider: str, ear: SpeechToText) -> Finding:
    try:
        async with asyncio.timeout(READY_SECONDS):
            await ear.warm()
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            ear.open(language=LANGUAGE_OF_IT) as transcriber,
        ):
            transcriber.begin()
            audio = resample(utterance(SPOKEN_TO_THE_EAR).audio, TELEPHONE_RATE, ear.rate)
            step = ear.rate // FRAMES_PER_SECOND
            for start in range(0, len(audio), step):
                transcriber.feed(audio[start : start + step])
                await asyncio.sleep(0)
            begun = time.monotonic()
            transcriber.pause()
            text = await _understood(transcriber)
            seconds = time.monotonic() - begun
    finally:
        await ear.close()
    if text:
        return well(name, f"first transcript {_milliseconds(seconds)} after the pause", seconds)
    if not serves(Kind.STT, provider, LANGUAGE_OF_IT):
        return well(name, "answers; what it was played is English, which it does not know", seconds)
    return failed(
        name,
        "understood no word of a recorded question in English",
        "see that its model is for English, and that it gets the rate of audio it expects",
    )


async def _understood(transcriber: Transcriber) -> str:
    """The first words; empty if the segment ended without any."""
    async with closing(transcriber.transcripts()) as transcripts:
        async for transcript in transcripts:
            if transcript.text or transcript.final:
                return transcript.text
            transcriber.end()
    return ""


async def _thought(name: str, model: LanguageModel, profile: Profile) -> Finding:
    request = ModelRequest(
        profile=profile.name,
        instructions="This is a test of the line. Answer with one word.",
        language=profile.language,
        messages=(Message(Role.USER, "Hello."),),
        tools=(),
    )
    try:
        async with asyncio.timeout(READY_SECONDS):
            await model.warm()
        begun = time.monotonic()
        async with asyncio.timeout(ANSWER_SECONDS):
            event = await _first(model.respond(request), lambda e: isinstance(e, TextDelta))
        seconds = time.monotonic() - begun
    finally:
        await model.close()
    if event is None:
        return failed(name, "answered without a word", "see that the model is one that chats")
    return well(name, f"first words after {_milliseconds(seconds)}", seconds)


async def _spoke(name: str, voice: TextToSpeech, profile: Profile) -> Finding:
    language, chosen = profile.language, profile.voice
    text = HELLO.get(language.split("-")[0], "Hello.")
    try:
        async with asyncio.timeout(READY_SECONDS):
            await voice.warm()
        begun = time.monotonic()
        async with asyncio.timeout(ANSWER_SECONDS):
            chunk = await _first(
                voice.synthesize(text, Voice(language, chosen.name, chosen.speed)),
                lambda chunk: bool(chunk.audio),
            )
        seconds = time.monotonic() - begun
    finally:
        await voice.close()
    if chunk is None:
        return failed(name, "made no sound", f"see that its voice speaks {english_name(language)}")
    return well(name, f"first sound after {_milliseconds(seconds)}", seconds)


async def _first(pieces: AsyncIterator[Piece], counts: Callable[[Piece], bool]) -> Piece | None:
    """The first piece that counts; the rest is not waited for, nor paid."""
    async with closing(pieces) as opened:
        async for piece in opened:
            if counts(piece):
                return piece
    return None


def fix_of(error: ProviderError, provider: str) -> str:
    """What to do about it."""
    keys = " and ".join(key_variables(provider))
    match error:
        case ProviderRateLimited():
            return (
                f"the limits of your account at {provider} are reached: wait, or have them raised"
            )
        case ProviderRefused() if _is_about_the_key(error) and keys:
            return f"{provider} does not accept the key: make {keys} right"
        case ProviderRefused():
            return f"{provider} refuses the request: see that model, voice and language exist there"
        case ProviderTimeout():
            return f"see that {provider} can be reached from here, and that its address is right"
        case _:
            return f"see that {provider} is installed and can be reached, and its key is right"


def _is_about_the_key(error: ProviderError) -> bool:
    """401 and 403, or the vendor's words for them."""
    said = error.message.lower()
    words = ("401", "403", "unauthenticated", "unauthorized", "forbidden", "permission", "key")
    return any(word in said for word in words)


def key_variables(provider: str) -> tuple[str, ...]:
    """The environment's names of what opens the provider's door."""
    return tuple(
        setting.variable
        for setting in every_setting()
        if setting.section == provider.replace("-", "_")
        and (setting.is_secret or setting.key.endswith("credentials"))
    )


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"
