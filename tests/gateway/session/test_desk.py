"""Who answers: profile, language, an earlier conversation; what is ready before anybody calls."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.ari.client import AriClient
from gateway.ari.resources import CallerID, Channel
from gateway.ari.settings import AriSettings
from gateway.config import Money
from gateway.conversation.sessions import Session, Sessions
from gateway.conversation.spares import Spares
from gateway.conversation.speech import SpeechLibrary
from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.profile import Profile
from gateway.providers.base import Message, Role
from gateway.providers.resilience.board import Board
from gateway.session.callfile import Archive
from gateway.session.casting import Casting
from gateway.session.desk import Desk, Providers
from gateway.session.hands import Fallback, Hands
from gateway.session.switchboard import Newcomer
from gateway.session.treasury import treasury
from gateway.store.memory import MemoryStore
from rtp.codec import Codec
from tests.fakes.speech import Ear, Model, Speaker, Words

CLINIC = Profile(name="clinic", greeting="Hello.")
SHOP = Profile(name="shop", greeting="Welcome.", resume_seconds=600.0)
EARLIER = Session("old", "+1555", "shop", "en-US", (Message(Role.USER, "My order?"),))


def desk(store: MemoryStore, *, library: SpeechLibrary, records: Path | None = None) -> Desk:
    metrics = Metrics()
    ari = AriClient(AriSettings("http://127.0.0.1:1", "user", "password", app="gateway"))
    return Desk(
        profiles={"clinic": CLINIC, "shop": SHOP},
        default_profile="clinic",
        providers=Providers(Ear(Words()), Model(), Speaker(), Board(metrics)),
        library=library,
        codec=Codec.PCMU,
        hands=Hands(ari, "127.0.0.1:4000", Codec.PCMU, Fallback()),
        archive=Archive(records, timedelta(days=1)),
        metrics=metrics,
        treasury=treasury(Money(), store, metrics),
        sessions=Sessions(store, kept_seconds=60.0, owner="gateway"),
        spares=Spares(Codec.PCMU),
        casting=Casting({Kind.STT: ("moonshine",), Kind.LLM: ("local",), Kind.TTS: ("hibari",)}),
    )


def newcomer(context: str, number: str) -> Newcomer:
    told = {"AI_CONTEXT": context, "AI_LANGUAGE": "english", "CALLERID(dnid)": "100"}
    return Newcomer("call", Channel("1.1", caller=CallerID("", number), channelvars=told), 0.0)


async def test_only_a_profile_that_allows_it_recognises_a_caller() -> None:
    store = MemoryStore(lambda: 0.0)
    ours = desk(store, library=SpeechLibrary())
    await ours.sessions.save(EARLIER, resumable_seconds=600.0)
    known = await ours.agent_for(newcomer("shop", "+1555"))
    assert known.earlier == EARLIER
    assert (await ours.agent_for(newcomer("shop", "+1666"))).earlier is None
    assert (await ours.agent_for(newcomer("shop", ""))).earlier is None
    assert (await ours.agent_for(newcomer("clinic", "+1555"))).earlier is None


@pytest.mark.virtual_time
async def test_first_words_and_phrases_are_ready_before_anybody_calls() -> None:
    ours = desk(MemoryStore(lambda: 0.0), library=SpeechLibrary())
    await ours.prepare_greetings()
    clinic, shop = (ours.maker(each, "en-US") for each in (CLINIC, SHOP))
    assert clinic.ready("Hello.") is not None
    assert shop.ready(SHOP.phrases.welcome_back) is not None
    assert clinic.ready(CLINIC.goodbye) is None
    await ours.prepare_phrases()
    assert clinic.ready(CLINIC.goodbye) is not None


async def test_without_a_cache_nothing_is_made_ahead() -> None:
    ours = desk(MemoryStore(lambda: 0.0), library=SpeechLibrary(most_bytes=0))
    await ours.prepare_greetings()
    assert ours.library.counts.misses == 0


def test_calls_of_a_gateway_that_died_are_written_down(tmp_path: Path) -> None:
    session = Session(
        "0123456789ab",
        "+1555",
        "shop",
        "en-US",
        began="2026-05-12T10:00:00.000+00:00",
        standing="listening",
        record={"turns": [{"text": "Hello."}]},
    )
    asyncio.run(_die_and_start(session, tmp_path))
    [file] = tmp_path.glob("20260512T100000Z-0123456789ab.json")
    kept = json.loads(file.read_text("utf-8"))
    assert kept["end_reason"] == "gateway died"
    assert kept["standing"] == "listening"
    assert kept["conversation"] == session.record


async def _die_and_start(session: Session, records: Path) -> None:
    store = MemoryStore(lambda: 0.0)
    dead = Sessions(store, kept_seconds=60.0, owner="gateway")
    await dead.told()
    dead.begin(session.call_id)
    await dead.save(session)
    ours = desk(store, library=SpeechLibrary(), records=records)
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(ours.archive.run())
        await ours.keep_left_over()
        await asyncio.sleep(0)
        writing.cancel()
