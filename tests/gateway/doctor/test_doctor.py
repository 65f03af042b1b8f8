"""The doctor: each thing that can be wrong is found, alone, and with its fix."""

import io
import json
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from rich.console import Console

from gateway import doctor
from gateway.ari.client import AriClient
from gateway.ari.events import Connected, StasisStart
from gateway.ari.settings import AriSettings
from gateway.config import Settings
from gateway.doctor import asterisk, live, media, parts
from gateway.doctor.finding import Finding, Verdict
from gateway.errors import ConfigError, ProviderRefused
from gateway.kinds import Kind
from gateway.providers import registry
from gateway.providers.base import (
    AudioFormat,
    Encoding,
    ModelEvent,
    ModelRequest,
    Samples,
    SpeechChunk,
    TextDelta,
    Transcript,
    Voice,
)
from tests.fakes.asterisk import FakeAsterisk, Phase

HEARING = live.name_of(Kind.STT, "moonshine")
THINKING = live.name_of(Kind.LLM, "local")
SPEAKING = live.name_of(Kind.TTS, "hibari")
PROFILES = Path(__file__).parents[3] / "profiles"


class Component:
    """A provider of every kind that answers at once, or not at all."""

    rate = 8000

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    async def warm(self) -> None:
        if self._error is not None:
            raise self._error

    async def close(self) -> None: ...

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        yield TextDelta("Hello.")

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        yield SpeechChunk(b"hello", AudioFormat(Encoding.MULAW, 8000))

    @asynccontextmanager
    async def open(self, *, language: str) -> AsyncIterator["Component"]:
        yield self

    def begin(self) -> int:
        return 1

    def feed(self, samples: Samples, /) -> None: ...
    def pause(self) -> None: ...
    def end(self) -> None: ...
    async def transcripts(self) -> AsyncIterator[Transcript]:
        yield Transcript("hello", 1, 1.0, final=True)


@pytest.fixture(autouse=True)
def components(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ones are tested with the real Asterisk."""
    for name in ("speech_to_text", "language_model", "text_to_speech"):
        monkeypatch.setattr(registry, name, lambda *_: Component())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake is not paced, so the frames need not be, either."""
    monkeypatch.setattr(media, "_FRAME_SECONDS", 0.001)


@pytest.fixture
async def fake() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as fake:
        yield fake


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


@pytest.fixture
def settings(fake: FakeAsterisk, port: int) -> dict[str, dict[str, object]]:
    """What gateway.toml would hold for a gateway that is all well."""
    return {
        "ari": {"url": fake.url, "username": "gateway", "password": "secret", "app": "gateway"},
        "rtp": {"bind": f"127.0.0.1:{port}"},
        "profiles": {"folder": PROFILES},
    }


Raw = dict[str, dict[str, object]]


async def findings(raw: Raw) -> dict[str, Finding]:
    return {finding.name: finding for finding in await doctor.run(Settings.model_validate(raw))}


def only_failure(found: dict[str, Finding]) -> Finding:
    """The one finding that failed. Whatever else is not well was not tried."""
    failures = [finding for finding in found.values() if finding.verdict is Verdict.FAILED]
    assert len(failures) == 1, failures
    assert failures[0].fix
    return failures[0]


async def test_all_well(fake: FakeAsterisk, settings: Raw) -> None:
    found = await findings(settings)

    assert [finding.name for finding in found.values() if not finding.ok] == []
    own = [check.name for check in doctor.CHECKS]
    assert list(found) == [*own, HEARING, THINKING, SPEAKING]
    assert "22.10.1" in found[asterisk.REACHABLE].detail
    assert "50 of 50 frames back" in found[media.BOTH_WAYS].detail


async def test_nothing_stays_behind(fake: FakeAsterisk, settings: Raw) -> None:
    await findings(settings)
    await fake.until(lambda: not fake.apps)
    assert (fake.channels, fake.bridges) == ({}, {})


async def test_a_running_gateway_keeps_its_application_and_port(
    fake: FakeAsterisk, settings: Raw, port: int
) -> None:
    running = AriSettings(fake.url, "gateway", "secret", "gateway")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media_socket:
        media_socket.bind(("127.0.0.1", port))
        async with AriClient(running) as ari, aclosing(ari.events()) as events:
            assert isinstance(await anext(events), Connected)
            found = await findings(settings)
            fake.call("caller-1", "gateway")
            assert isinstance(await anext(events), StasisStart)

    assert [finding.name for finding in found.values() if not finding.ok] == []
    assert "is registered: a gateway runs, no calls" in found[asterisk.APPLICATION].detail
    assert "in use, by the running gateway" in found[media.PORT].detail
    assert "tried beside port" in found[media.ADVERTISED].detail


# --- Asterisk ---------------------------------------------------------------------------------


async def test_no_asterisk(fake: FakeAsterisk, settings: Raw) -> None:
    await fake.stop()
    finding = only_failure(found := await findings(settings))
    assert finding.name == asterisk.REACHABLE
    assert "Connection refused" in finding.detail
    assert "http.conf" in finding.fix
    assert found[media.BOTH_WAYS].verdict is Verdict.SKIPPED


async def test_a_host_that_does_not_exist(settings: Raw) -> None:
    settings["ari"]["url"] = "http://asterisk.invalid:8088"
    finding = only_failure(await findings(settings))
    assert "does not resolve" in finding.detail


async def test_404_and_503_are_not_up_yet_and_told_apart(fake: FakeAsterisk, settings: Raw) -> None:
    fake.phase = Phase.NO_ARI
    absent = only_failure(await findings(settings))
    fake.phase = Phase.STARTING
    starting = only_failure(await findings(settings))

    assert {absent.name, starting.name} == {asterisk.REACHABLE}
    assert "404" in absent.detail
    assert "res_ari.so" in absent.fix
    assert "503" in starting.detail
    assert "still starting" in starting.fix
    assert all("not up yet" in finding.fix for finding in (absent, starting))


async def test_something_that_is_not_asterisk(fake: FakeAsterisk, settings: Raw) -> None:
    fake.answer_with("GET asterisk/info", "<html>hello</html>")
    finding = only_failure(await findings(settings))
    assert finding.name == asterisk.REACHABLE
    assert "ARI_URL" in finding.fix


async def test_an_asterisk_that_is_too_old(fake: FakeAsterisk, settings: Raw) -> None:
    fake.version = "13.38.3"
    finding = only_failure(await findings(settings))
    assert "13.38.3" in finding.detail
    assert "18 or later" in finding.fix


@pytest.mark.parametrize("version", ["certified-20.7-cert2", "18.0.0", "GIT-master-1a2b3c"])
async def test_versions_that_serve(fake: FakeAsterisk, settings: Raw, version: str) -> None:
    fake.version = version
    assert (await findings(settings))[asterisk.REACHABLE].ok


async def test_a_wrong_password(fake: FakeAsterisk, settings: Raw) -> None:
    settings["ari"]["password"] = "hush"
    found = await findings(settings)
    finding = only_failure(found)
    assert finding.name == asterisk.AUTHORISED
    assert "401" in finding.detail
    assert "[gateway]" in finding.fix
    assert "hush" not in doctor.to_json(found.values())


async def test_a_read_only_user(fake: FakeAsterisk, settings: Raw) -> None:
    fake.read_only = True
    finding = only_failure(await findings(settings))
    assert finding.name == asterisk.AUTHORISED
    assert "403" in finding.detail
    assert "read_only = no" in finding.fix


async def test_a_missing_module_is_named_with_its_reason(fake: FakeAsterisk, settings: Raw) -> None:
    fake.modules.remove("res_rtp_multicast.so")
    finding = only_failure(await findings(settings))
    assert finding.name == asterisk.MODULES
    assert "res_rtp_multicast.so (externalMedia: chan_rtp.so uses" in finding.detail
    assert "load = res_rtp_multicast.so" in finding.fix


async def test_the_codec_decides_on_a_module(fake: FakeAsterisk, settings: Raw) -> None:
    settings["rtp"]["codec"] = "G722"
    finding = only_failure(await findings(settings))
    assert finding.name == asterisk.MODULES
    assert "codec_g722.so" in finding.detail


async def test_a_proxy_that_does_not_pass_websockets(fake: FakeAsterisk, settings: Raw) -> None:
    fake.refuse("GET events", 400, "Upgrade required", times=None)
    finding = only_failure(await findings(settings))
    assert finding.name == asterisk.WEBSOCKET
    assert "proxy" in finding.fix


async def test_an_application_that_does_not_register(fake: FakeAsterisk, settings: Raw) -> None:
    fake.refuse("GET applications/gateway-doctor", 404, "Application not found", times=None)
    finding = only_failure(await findings(settings))
    assert finding.name == asterisk.WEBSOCKET
    assert "not registered" in finding.detail


# --- media ------------------------------------------------------------------------------------


async def test_a_port_that_another_program_has(settings: Raw, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        finding = only_failure(await findings(settings))
    assert finding.name == media.PORT
    assert "another program" in finding.detail


async def test_an_address_that_is_not_this_machines(settings: Raw) -> None:
    settings["rtp"]["bind"] = "192.0.2.1:4000"
    finding = only_failure(await findings(settings))
    assert finding.name == media.PORT
    assert "192.0.2.1:4000" in finding.detail


async def test_no_external_media(fake: FakeAsterisk, settings: Raw) -> None:
    fake.refuse("POST channels/externalMedia", 500, "An internal error", times=None)
    finding = only_failure(await findings(settings))
    assert finding.name == media.CHANNEL
    assert "chan_rtp.so" in finding.fix


async def test_channels_that_never_enter_the_application(
    fake: FakeAsterisk, settings: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.doctor.line.EVENT_SECONDS", 0.1)
    fake.stasis_delay = 60
    finding = only_failure(await findings(settings))
    assert finding.name == media.CHANNEL
    assert "no StasisStart" in finding.detail
    assert fake.channels == {}


async def test_a_wrong_advertised_address_and_the_one_that_works(
    fake: FakeAsterisk, settings: Raw, port: int
) -> None:
    settings["rtp"]["advertise"] = f"127.0.0.9:{port}"
    finding = only_failure(found := await findings(settings))
    assert finding.name == media.ADVERTISED
    assert f"127.0.0.9:{port}" in finding.detail
    assert finding.fix == f"set RTP_ADVERTISE=127.0.0.1:{port}"
    assert found[media.BOTH_WAYS].verdict is Verdict.SKIPPED
    assert (fake.channels, fake.bridges) == ({}, {})


async def test_a_bind_address_that_asterisk_cannot_reach(
    fake: FakeAsterisk, settings: Raw, port: int
) -> None:
    settings["rtp"] = {"bind": f"127.0.0.8:{port}", "advertise": f"127.0.0.9:{port}"}
    finding = only_failure(await findings(settings))
    assert finding.fix == f"set RTP_BIND=127.0.0.1:{port} and RTP_ADVERTISE=127.0.0.1:{port}"


async def test_asterisks_rtp_is_blocked(fake: FakeAsterisk, settings: Raw) -> None:
    fake.rtp_leaves = False
    finding = only_failure(await findings(settings))
    assert finding.name == media.ADVERTISED
    assert "nor to any address" in finding.detail
    assert "firewalls" in finding.fix


async def test_address_translation_between_the_two(fake: FakeAsterisk, settings: Raw) -> None:
    fake.media_host = "10.1.2.3"
    finding = only_failure(await findings(settings))
    assert finding.name == media.ADVERTISED
    assert "says it sends from 10.1.2.3" in finding.detail
    assert "host networking" in finding.fix


async def test_our_rtp_is_blocked(fake: FakeAsterisk, settings: Raw) -> None:
    fake.rtp_flows = False
    finding = only_failure(await findings(settings))
    assert finding.name == media.BOTH_WAYS
    assert "rtp.conf" in finding.fix


async def test_lost_frames(fake: FakeAsterisk, settings: Raw) -> None:
    fake.rtp_loses_every = 5
    finding = only_failure(await findings(settings))
    assert finding.name == media.BOTH_WAYS
    assert "40 of 50 frames back" in finding.detail


# --- our own parts ----------------------------------------------------------------------------


async def test_a_profile_that_is_wrong(settings: Raw, tmp_path: Path) -> None:
    (tmp_path / "default.toml").write_text("greeting = 7")
    settings["profiles"]["folder"] = tmp_path
    finding = only_failure(found := await findings(settings))
    assert finding.name == parts.PROFILES
    assert "greeting" in finding.detail
    assert found[THINKING].verdict is Verdict.SKIPPED


@pytest.mark.parametrize(
    ("function", "check"),
    [
        ("speech_to_text", HEARING),
        ("language_model", THINKING),
        ("text_to_speech", SPEAKING),
    ],
)
async def test_a_component_that_does_not_load(
    settings: Raw, monkeypatch: pytest.MonkeyPatch, function: str, check: str
) -> None:
    refusal = ProviderRefused("moonshine", "its weights are not installed")
    monkeypatch.setattr(registry, function, lambda *_: Component(refusal))
    finding = only_failure(await findings(settings))
    assert finding.name == check
    assert "weights are not installed" in finding.detail


async def test_a_profile_in_a_language_that_nobody_speaks(settings: Raw, tmp_path: Path) -> None:
    (tmp_path / "default.toml").write_text('language = "german"\ngreeting = "Hallo."')
    settings["profiles"]["folder"] = tmp_path
    finding = only_failure(await findings(settings))
    assert finding.name == parts.LANGUAGES
    assert "default in German: no stt provider declares it" in finding.detail


async def test_languages_that_callers_could_ask_for_are_told(settings: Raw) -> None:
    found = await findings(settings)
    assert found[parts.LANGUAGES].ok
    assert "not spoken: clinic in Spanish" in found[parts.LANGUAGES].detail


async def test_a_provider_without_a_price_is_told(settings: Raw, tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(
        'currency = "EUR"\n[[price]]\nkind = "stt"\nprovider = "deepgram"\nminute = 0.01\n'
        'as_of = 2026-01-31\nsource = "contract"\n'
    )
    settings["money"] = {"price_table": tmp_path / "prices.toml"}
    settings["llm"] = {"provider": ["local", "openai-compatible"]}
    found = await findings(settings)
    assert found[parts.PRICES].detail == (
        "1 in EUR, the oldest of 2026-01-31: check them; "
        "none for openai-compatible: budgets do not see what they cost"
    )


async def test_a_price_table_that_is_wrong(settings: Raw, tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text('currency = "EUR"')
    settings["money"] = {"price_table": tmp_path / "prices.toml"}
    assert only_failure(await findings(settings)).name == parts.PRICES


async def test_a_provider_that_is_not_known(settings: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Component:
        raise ConfigError("stt.provider", "whisperx", "known are moonshine and deepgram")

    monkeypatch.setattr(registry, "speech_to_text", refuse)
    finding = only_failure(await findings(settings))
    assert finding.detail == "stt.provider = whisperx"
    assert finding.fix == "known are moonshine and deepgram"


async def test_a_redis_that_is_not_there(settings: Raw, port: int) -> None:
    settings["store"] = {"redis_url": f"redis://:hush@127.0.0.1:{port}/0"}
    found = await findings(settings)
    finding = only_failure(found)
    assert finding.name == parts.REDIS
    assert "REDIS_URL" in finding.fix
    assert "hush" not in doctor.to_json(found.values())


# --- what is shown ----------------------------------------------------------------------------

SHOWN = (
    Finding("ARI user", Verdict.FAILED, "403: may only read", "set [watcher] read_only = no"),
    Finding("Redis", Verdict.WELL, "not configured"),
    Finding("RTP", Verdict.SKIPPED, "not checked: needs ARI user"),
)


def test_findings_as_a_person_reads_them() -> None:
    page = io.StringIO()
    doctor.print_findings(SHOWN, Console(file=page, width=120))
    lines = [line.rstrip() for line in page.getvalue().splitlines()]
    assert lines == [
        "failed   ARI user                    403: may only read",
        "         fix:                        set [watcher] read_only = no",
        "well     Redis                       not configured",
        "skipped  RTP                         not checked: needs ARI user",
        "1 of 3 checks failed, 1 could not be made.",
    ]


def test_findings_as_a_machine_reads_them() -> None:
    report = json.loads(doctor.to_json(SHOWN))
    assert report["ok"] is False
    assert report["findings"][0] == {
        "name": "ARI user",
        "verdict": "failed",
        "detail": "403: may only read",
        "fix": "set [watcher] read_only = no",
        "first_result_seconds": None,
    }


def test_all_well_in_a_word() -> None:
    assert doctor.summary(SHOWN[1:2]) == "All well: 1 checks."
