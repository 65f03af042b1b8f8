"""Operations against a fake Asterisk: what is sent, what comes back, which error a refusal is."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

from gateway.ari.client import AriClient
from gateway.ari.events import Connected
from gateway.ari.resources import ChannelState
from gateway.ari.rest import refusal
from gateway.ari.settings import AriSettings
from gateway.errors import (
    AriConflict,
    AriError,
    AriFailed,
    AriForbidden,
    AriNotFound,
    AriNotUp,
    AriUnauthorized,
    AriUnreachable,
)
from tests.fakes.asterisk import FakeAsterisk, Phase

APP = "gateway"


def settings(fake: FakeAsterisk, *, password: str = "secret", deadline: float = 5.0) -> AriSettings:
    return AriSettings(fake.url, "gateway", password, APP, deadline=deadline)


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as fake:
        yield fake


@pytest.fixture
async def ari(asterisk: FakeAsterisk) -> AsyncIterator[AriClient]:
    """A client whose application is registered, so that channels may enter it."""
    async with AriClient(settings(asterisk)) as client, aclosing(client.events()) as events:
        assert await anext(events) == Connected(reconnected=False)
        asterisk.seen.clear()
        yield client


@pytest.fixture
def peer() -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{udp.getsockname()[1]}"


# --- what is sent -----------------------------------------------------------------------------


async def test_parameters_carry_aris_names_and_variables_go_into_the_body(
    asterisk: FakeAsterisk, ari: AriClient
) -> None:
    asterisk.endpoints["PJSIP/1001"] = "online"

    await ari.channels.originate(
        "PJSIP/1001",
        app=APP,
        app_args="person,caller-1",
        caller_id='"Jane via AI" <+4955>',
        timeout=20,
        channel_id="vg-1",
        originator="caller-1",
        formats=["ulaw", "alaw"],
        variables={"PJSIP_HEADER(add,X-AI-Summary)": "wants ü & more"},
    )

    request = asterisk.seen[-1]
    assert (request.method, request.path) == ("POST", "channels")
    assert request.query == {
        "endpoint": "PJSIP/1001",
        "app": APP,
        "appArgs": "person,caller-1",
        "callerId": '"Jane via AI" <+4955>',
        "timeout": "20",
        "channelId": "vg-1",
        "originator": "caller-1",
        "formats": "ulaw,alaw",
    }
    assert request.body == {"variables": {"PJSIP_HEADER(add,X-AI-Summary)": "wants ü & more"}}


async def test_booleans_are_words_and_lists_have_commas(
    asterisk: FakeAsterisk, ari: AriClient
) -> None:
    asterisk.call("a", APP)
    asterisk.call("b", APP)
    await ari.bridges.create_with_id("bridge-1", name=APP)

    await ari.bridges.add_channel(
        "bridge-1", channel=["a", "b"], mute=False, inhibit_connected_line_updates=True
    )

    assert asterisk.seen[-1].query == {
        "channel": "a,b",
        "mute": "false",
        "inhibitConnectedLineUpdates": "true",
    }
    assert (await ari.bridges.get("bridge-1")).channels == ("a", "b")


async def test_any_character_may_be_in_an_id(asterisk: FakeAsterisk, ari: AriClient) -> None:
    with pytest.raises(AriNotFound):
        await ari.channels.get("a/b?c#d %ü;2")
    assert asterisk.seen[-1].path == "channels/a/b?c#d %ü;2"
    assert asterisk.seen[-1].query == {}


async def test_a_call_from_answer_to_hangup(
    asterisk: FakeAsterisk, ari: AriClient, peer: str
) -> None:
    asterisk.stasis_delay = 0
    asterisk.call("caller-1", APP, "inbound", variables={"AI_CONTEXT": "clinic"})

    assert await ari.channels.get_channel_var("caller-1", "AI_CONTEXT") == "clinic"
    assert (await ari.channels.get("caller-1")).state is ChannelState.RING
    await ari.channels.answer("caller-1")
    assert (await ari.channels.get("caller-1")).state is ChannelState.UP
    media = await ari.channels.external_media(
        app=APP, external_host=peer, format="ulaw", channel_id="vg-media"
    )
    await ari.bridges.create_with_id("bridge-1")
    await ari.bridges.add_channel("bridge-1", channel=["caller-1", media.id])
    assert set((await ari.applications.get(APP)).channel_ids) == {"caller-1", "vg-media"}
    await ari.bridges.destroy("bridge-1")
    await ari.channels.hangup("vg-media")
    await ari.channels.hangup("caller-1", reason_code=17)

    assert await ari.channels.list() == ()
    assert await ari.bridges.list() == ()


async def test_where_media_comes_from_is_in_the_answer(ari: AriClient, peer: str) -> None:
    media = await ari.channels.external_media(app=APP, external_host=peer, format="ulaw")

    assert media.media_address is not None
    host, port = media.media_address
    assert (host, port > 0) == ("127.0.0.1", True)
    assert await ari.channels.media_address(media) == (host, port)


async def test_where_media_comes_from_is_asked_for_where_the_answer_does_not_tell(
    asterisk: FakeAsterisk, ari: AriClient, peer: str
) -> None:
    asterisk.media_vars_in_answer = False
    media = await ari.channels.external_media(app=APP, external_host=peer, format="ulaw")

    assert media.media_address is None
    port = asterisk.channels[media.id].variables["UNICASTRTP_LOCAL_PORT"]
    assert await ari.channels.media_address(media) == ("127.0.0.1", int(port))


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b'{"message":"Authentication required"}', AriUnauthorized),
        (403, b'{"message":"Write access denied"}', AriForbidden),
        (404, b'{"message":"Channel not found"}', AriNotFound),
        (404, b"<html>Not Found</html>", AriNotUp),
        (503, b"<html>Unavailable</html>", AriNotUp),
        (400, b'{"message":"Channel not found"}', AriNotFound),
        (400, b'{"message":"external_host is required"}', AriFailed),
        (409, b'{"message":"Bridge with id exists"}', AriConflict),
        (412, b'{"message":"Channel in invalid state"}', AriConflict),
        (422, b'{"message":"Channel not in Stasis application"}', AriConflict),
        (500, b'{"error":"Allocation failed"}', AriFailed),
        (501, b"", AriFailed),
        (302, b"", AriFailed),
    ],
)
def test_each_refusal_is_one_error(status: int, body: bytes, kind: type[AriError]) -> None:
    error = refusal("channels.get", status, body)
    assert type(error) is kind
    assert (error.operation, error.status) == ("channels.get", status)


def test_an_error_prints_as_one_line_with_asterisks_words() -> None:
    shown = str(refusal("channels.originate", 500, b'{"error":"Allocation failed"}'))
    assert shown == "ARI channels.originate: 500 Allocation failed"


async def test_a_channel_cannot_be_bridged_before_its_stasis_start(
    asterisk: FakeAsterisk, ari: AriClient, peer: str
) -> None:
    asterisk.stasis_delay = 60
    media = await ari.channels.external_media(app=APP, external_host=peer, format="ulaw")
    await ari.bridges.create_with_id("bridge-1")
    with pytest.raises(AriConflict, match="not in Stasis"):
        await ari.bridges.add_channel("bridge-1", channel=[media.id])


async def test_an_id_that_begins_a_live_one_is_refused(ari: AriClient, peer: str) -> None:
    make = ari.channels.external_media
    await make(app=APP, external_host=peer, format="ulaw", channel_id="em-10")
    with pytest.raises(AriFailed):
        await make(app=APP, external_host=peer, format="ulaw", channel_id="EM-1")


async def test_a_wrong_password_is_unauthorized(asterisk: FakeAsterisk) -> None:
    async with AriClient(settings(asterisk, password="hush")) as ari:
        with pytest.raises(AriUnauthorized) as raised:
            await ari.asterisk.ping()
    assert "hush" not in repr(raised.value)


async def test_a_read_only_user_is_forbidden_to_write(
    asterisk: FakeAsterisk, ari: AriClient
) -> None:
    asterisk.read_only = True
    assert (await ari.asterisk.ping()).ping == "pong"
    with pytest.raises(AriForbidden):
        await ari.bridges.create_with_id("bridge-1")


@pytest.mark.parametrize("phase", [Phase.NO_ARI, Phase.STARTING])
async def test_an_asterisk_that_starts_is_not_up_yet(
    asterisk: FakeAsterisk, ari: AriClient, phase: Phase
) -> None:
    asterisk.phase = phase
    with pytest.raises(AriNotUp):
        await ari.asterisk.ping()


async def test_no_asterisk_is_unreachable(asterisk: FakeAsterisk, ari: AriClient) -> None:
    await asterisk.stop()
    with pytest.raises(AriUnreachable):
        await ari.asterisk.ping()


async def test_an_asterisk_that_does_not_answer_in_time_is_unreachable(
    asterisk: FakeAsterisk,
) -> None:
    asterisk.slow("GET asterisk/ping", 30)
    async with AriClient(settings(asterisk, deadline=0.05)) as ari:
        with pytest.raises(AriUnreachable, match="deadline"):
            await ari.asterisk.ping()


@pytest.mark.virtual_time
async def test_the_wait_for_a_free_connection_counts(asterisk: FakeAsterisk) -> None:
    asterisk.slow("GET channels", 30)
    one = AriSettings(asterisk.url, "gateway", "secret", APP, deadline=1.0, connections=0)
    async with AriClient(one) as ari:
        began = asyncio.get_running_loop().time()
        both = await asyncio.gather(
            ari.channels.list(), ari.channels.list(), return_exceptions=True
        )
        waited = asyncio.get_running_loop().time() - began
    assert [type(outcome) for outcome in both] == [AriUnreachable, AriUnreachable]
    assert waited < 2 * one.deadline, "the second did not begin to count when the first ended"


@pytest.mark.parametrize("answer", ["", "nonsense", "[]", '{"name":"no id"}'])
async def test_an_answer_that_is_not_what_was_asked_for_is_a_failure(
    asterisk: FakeAsterisk, ari: AriClient, answer: str
) -> None:
    asterisk.answer_with("GET channels/x", answer)
    with pytest.raises(AriFailed, match=r"channels\.get"):
        await ari.channels.get("x")


async def test_nothing_is_sent_twice(asterisk: FakeAsterisk, ari: AriClient) -> None:
    asterisk.refuse("POST channels$", 500, "boom", times=None)
    with pytest.raises(AriFailed):
        await ari.channels.originate("PJSIP/1001", app=APP)
    assert len(asterisk.seen) == 1


async def test_a_client_that_is_not_open_is_a_bug_not_an_ari_error(asterisk: FakeAsterisk) -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await AriClient(settings(asterisk)).asterisk.ping()


async def test_the_password_is_nowhere_to_be_read(
    asterisk: FakeAsterisk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asterisk.password = "other"
    async with AriClient(settings(asterisk, password="hush-hush")) as ari:
        with pytest.raises(AriUnauthorized) as rest:
            await ari.channels.list()
        with pytest.raises(AriUnauthorized) as socket_:
            await anext(ari.events())
        shown = [repr(ari), repr(ari.channels), repr(rest.value), repr(socket_.value), caplog.text]
    shown += [repr(error.value.__cause__) for error in (rest, socket_)]
    shown += [str(seen) for seen in asterisk.seen]
    assert not any("hush-hush" in text for text in shown)
