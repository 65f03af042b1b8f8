"""Do the gateway's own parts work: agent profiles, speech and language, Redis?"""

import time
from collections.abc import Awaitable, Callable

import redis.asyncio as redis
from redis.exceptions import RedisError

from gateway.doctor.examination import Examination
from gateway.doctor.finding import Finding, failed, well
from gateway.errors import ConfigError, ProviderError
from gateway.profile import choose_profile, load_profiles
from gateway.providers import registry

PROFILES = "agent profiles"
HEARING = "speech to text"
THINKING = "language model"
SPEAKING = "text to speech"
REDIS = "Redis"

_REDIS_SECONDS = 3.0


async def profiles(examination: Examination) -> Finding:
    """All profiles and their knowledge can be read, and the default one is among them."""
    settings = examination.settings.profiles
    try:
        found = load_profiles(settings.folder)
        choose_profile(found, settings.default, field="profiles.default")
    except ConfigError as error:
        return failed(PROFILES, f"{error.field} = {error.value}", error.fix)
    return well(PROFILES, f"{', '.join(found)}; default: {settings.default}")


async def hearing(examination: Examination) -> Finding:
    settings = examination.settings
    return await _warmed(
        HEARING, settings.stt.provider, lambda: registry.speech_to_text(settings).warm()
    )


async def thinking(examination: Examination) -> Finding:
    settings = examination.settings
    return await _warmed(
        THINKING,
        settings.llm.provider,
        lambda: registry.language_model(settings, load_profiles(settings.profiles.folder)).warm(),
    )


async def speaking(examination: Examination) -> Finding:
    settings = examination.settings
    return await _warmed(
        SPEAKING, settings.tts.provider, lambda: registry.text_to_speech(settings).warm()
    )


async def _warmed(
    name: str, providers: tuple[str, ...], warm: Callable[[], Awaitable[None]]
) -> Finding:
    """The provider can be made and is ready for a first call."""
    chosen = ", ".join(providers)
    begun = time.monotonic()
    try:
        await warm()
    except ConfigError as error:
        return failed(name, f"{error.field} = {error.value}", error.fix)
    except ProviderError as error:
        return failed(
            name, str(error), f"{chosen}: see that it is installed, reachable, and its key is right"
        )
    return well(name, f"{chosen} is ready after {time.monotonic() - begun:.1f} s")


async def store(examination: Examination) -> Finding:
    """Redis answers, if one is configured."""
    url = examination.settings.store.redis_url
    if url is None:
        return well(REDIS, "not configured: memory serves")
    client = redis.from_url(
        url.get_secret_value(),
        socket_timeout=_REDIS_SECONDS,
        socket_connect_timeout=_REDIS_SECONDS,
    )
    try:
        begun = time.monotonic()
        await client.ping()
    except RedisError as error:
        return failed(
            REDIS,
            f"no answer ({type(error).__name__})",
            "start Redis, or make REDIS_URL right (with user and password); unset, memory serves",
        )
    finally:
        await client.aclose()
    return well(REDIS, f"answers after {1000 * (time.monotonic() - begun):.1f} ms")
