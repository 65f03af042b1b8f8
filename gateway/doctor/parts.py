"""Do the gateway's own parts work: agent profiles, prices, Redis?"""

import time

import redis.asyncio as redis
from redis.exceptions import RedisError

from gateway.doctor.examination import Examination
from gateway.doctor.finding import Finding, failed, well
from gateway.errors import ConfigError
from gateway.languages import english_name
from gateway.money.prices import load_prices
from gateway.profile import choose_profile, load_profiles
from gateway.providers.registry import EMBEDDED
from gateway.session.casting import Casting, usual_names

PROFILES = "agent profiles"
LANGUAGES = "languages"
PRICES = "prices"
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


async def languages(examination: Examination) -> Finding:
    """What profiles speak has an ear, a model and a voice that declare it."""
    settings = examination.settings
    profiles = load_profiles(settings.profiles.folder)
    cast = Casting(usual_names(settings))
    spoken, missing, mute = set[str](), list[str](), list[str]()
    for name, profile in profiles.items():
        for tag in profile.also:
            if lacks := cast.missing(profile, tag):
                missing.append(f"{name} in {english_name(tag)}: {', '.join(lacks)}")
                mute += [name] if tag == profile.language else []
            else:
                spoken.add(english_name(tag))
    told = "; not spoken: ".join((", ".join(sorted(spoken)) or "none", *missing))
    if mute:
        fix = f"name providers that know the language of {', '.join(mute)} (docs/languages.md)"
        return failed(LANGUAGES, told, fix)
    return well(LANGUAGES, told)


async def prices(examination: Examination) -> Finding:
    """The price table can be read; its dates are for the operator to judge."""
    try:
        table = load_prices(examination.settings.money.price_table)
    except ConfigError as error:
        return failed(PRICES, f"{error.field} = {error.value}", error.fix)
    oldest = min(price.as_of for price in table.prices)
    told = f"{len(table.prices)} in {table.currency}, the oldest of {oldest}: check them"
    priced = {(price.kind, price.provider) for price in table.prices}
    unpriced = [
        provider
        for kind, providers in usual_names(examination.settings).items()
        for provider in providers
        if (kind, provider) not in priced and provider not in EMBEDDED
    ]
    if unpriced:
        told += f"; none for {', '.join(unpriced)}: budgets do not see what they cost"
    return well(PRICES, told)


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
