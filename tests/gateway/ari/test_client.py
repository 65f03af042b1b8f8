"""The event stream: start, loss, return, replacement, nonsense, and a reader that is late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from gateway.ari.client import AriClient
from gateway.ari.events import (
    ApplicationReplaced,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    Connected,
    Disconnected,
    Event,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)
from gateway.ari.settings import AriSettings
from gateway.errors import AriForbidden, AriUnauthorized
from tests.fakes.asterisk import FakeAsterisk, Phase

APP = "gateway"


def client(fake: FakeAsterisk, *, password: str = "secret") -> AriClient:
    return AriClient(AriSettings(fake.url, "gateway", password, APP))


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as fake:
        yield fake


async def kinds(events: AsyncIterator[Event], count: int) -> list[type[Event]]:
    return [type(await anext(events)) for _ in range(count)]


async def test_the_stream_begins_with_connected(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        assert await anext(events) == Connected(reconnected=False)
        asterisk.call("caller-1", APP, "inbound")
        start = await anext(events)
    assert isinstance(start, StasisStart)
    assert (start.channel.id, start.args) == ("caller-1", ("inbound",))


async def test_the_first_caller_waits_for_no_decoder(
    asterisk: FakeAsterisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[type[object], object] = {}
    monkeypatch.setattr("gateway.ari.decoding._ADAPTERS", made)
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        ready = set(made)
        asterisk.call("caller-1", APP)
        await anext(events)
        await ari.channels.answer("caller-1")
        await ari.channels.external_media(app=APP, external_host="127.0.0.1:40000", format="ulaw")
        await ari.bridges.create_with_id("bridge-1", type="mixing")
        assert set(made) == ready


async def test_noise_is_silenced_before_connected_is_told(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        assert "ChannelVarset" in asterisk.apps[APP].disallowed


async def test_an_asterisk_that_cannot_filter_is_good_enough(asterisk: FakeAsterisk) -> None:
    asterisk.refuse("PUT applications", 404, "Resource not found")
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        assert await anext(events) == Connected(reconnected=False)


async def test_an_asterisk_that_starts_is_waited_for() -> None:
    """Refused, then 404, then 503, then up: as measured."""
    asterisk = FakeAsterisk()
    await asterisk.start()
    await asterisk.stop()
    async with (
        client(asterisk) as ari,
        aclosing(ari.events()) as events,
        asyncio.TaskGroup() as tasks,
    ):
        first = tasks.create_task(_next(events))
        await asyncio.sleep(0.1)
        asterisk.phase = Phase.NO_ARI
        await asterisk.start()
        for phase in (Phase.NO_ARI, Phase.STARTING):
            asterisk.phase = phase
            asterisk.seen.clear()
            await asterisk.until(lambda: bool(asterisk.seen))
        assert not first.done()
        asterisk.phase = Phase.UP
        assert await first == Connected(reconnected=False)
    await asterisk.stop()


async def _next(events: AsyncIterator[Event]) -> Event:
    return await anext(events)


async def test_a_cut_connection_is_told_and_comes_back(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.call("caller-1", APP)
        assert await kinds(events, 1) == [StasisStart]

        asterisk.drop_sockets()
        assert await kinds(events, 1) == [Disconnected]
        asterisk.call("caller-2", APP)  # while nobody listens: the dialplan's fallback has it
        asterisk.hang_up("caller-1")
        assert await anext(events) == Connected(reconnected=True)

        assert asterisk.fallbacks == ["caller-2"]
        assert (await ari.applications.get(APP)).channel_ids == ()
        asterisk.call("caller-3", APP)
        assert await kinds(events, 1) == [StasisStart]
        assert ari.counts == {"connected": 2, "event": 2}


async def test_calls_that_outlive_the_connection_can_be_compared(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.call("caller-1", APP)
        await anext(events)
        asterisk.drop_sockets()
        assert await kinds(events, 2) == [Disconnected, Connected]
        assert (await ari.applications.get(APP)).channel_ids == ("caller-1",)
        asterisk.hang_up("caller-1")
        assert await kinds(events, 2) == [ChannelHangupRequest, StasisEnd]


async def test_a_restarted_asterisk_is_found_again(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        await asterisk.stop()
        assert await kinds(events, 1) == [Disconnected]
        await asterisk.start()
        assert await anext(events) == Connected(reconnected=True)


async def test_a_replaced_application_ends_the_stream(asterisk: FakeAsterisk) -> None:
    async with (
        client(asterisk) as first,
        client(asterisk) as second,
        aclosing(first.events()) as old,
        aclosing(second.events()) as new,
    ):
        assert await kinds(old, 1) == [Connected]
        assert await kinds(new, 1) == [Connected]
        assert await kinds(old, 1) == [ApplicationReplaced]
        with pytest.raises(StopAsyncIteration):
            await anext(old)
        asterisk.call("caller-1", APP)
        assert await kinds(new, 1) == [StasisStart]


async def test_a_wrong_password_is_raised_at_once(asterisk: FakeAsterisk) -> None:
    async with client(asterisk, password="wrong") as ari:
        with pytest.raises(AriUnauthorized, match="wrong user name or password"):
            await anext(ari.events())


async def test_a_forbidden_start_is_raised_at_once(asterisk: FakeAsterisk) -> None:
    asterisk.refuse("GET events", 403, "Forbidden")
    async with client(asterisk) as ari:
        with pytest.raises(AriForbidden):
            await anext(ari.events())


async def test_a_password_changed_under_live_calls_is_tried_on(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.refuse("GET events", 401, "Authentication required", times=2)
        asterisk.drop_sockets()
        assert await kinds(events, 2) == [Disconnected, Connected]


async def test_nonsense_is_counted_and_skipped(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.say(APP, '{"type":"ChannelLevitated"}')
        asterisk.say(APP, "{")
        asterisk.say(APP, '{"type":"StasisStart"}')
        asterisk.call("caller-1", APP)
        assert await kinds(events, 1) == [StasisStart]
        assert ari.counts == {"connected": 1, "unknown": 1, "malformed": 2, "event": 1}


async def test_a_late_consumer_loses_nothing(asterisk: FakeAsterisk) -> None:
    count = 2000
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.call("caller-1", APP, "x" * 1000)
        for _ in range(count):
            asterisk.dtmf("caller-1", "1")
        received = await kinds(events, count + 1)
    assert received == [StasisStart] + [ChannelDtmfReceived] * count


async def test_a_consumer_that_falls_a_backlog_behind_loses_the_connection_and_is_told(
    asterisk: FakeAsterisk,
) -> None:
    settings = AriSettings(asterisk.url, "gateway", "secret", APP, backlog=3)
    async with AriClient(settings) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.call("caller-1", APP)
        for digit in "12345":
            asterisk.dtmf("caller-1", digit)
        await asterisk.until(lambda: APP not in asterisk.apps)

        read = [event async for event in _until(events, Disconnected)]
        digits = [event.digit for event in read if isinstance(event, ChannelDtmfReceived)]
        assert "".join(digits) == "1234"[: len(digits)]  # in order, no gap before the loss
        assert read[-1] == Disconnected("the consumer fell behind")
        assert ari.counts["fell_behind"] == 1
        assert await anext(events) == Connected(reconnected=True)


async def test_nobody_reconnects_for_a_consumer_that_has_not_caught_up(
    asterisk: FakeAsterisk,
) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.call("caller-1", APP)
        asterisk.dtmf("caller-1", "1")
        assert await kinds(events, 1) == [StasisStart]
        await ari.asterisk.ping()  # by its answer the digit has come, too
        asterisk.drop_sockets()
        await asyncio.sleep(0.3)  # longer than the first wait before a new try
        assert APP not in asterisk.apps
        assert await kinds(events, 3) == [ChannelDtmfReceived, Disconnected, Connected]


async def test_a_registration_that_asterisk_lost_is_made_again(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.forget(APP)
        assert await anext(events) == Disconnected("the application is no longer registered")
        assert await anext(events) == Connected(reconnected=True)
        asterisk.call("caller-1", APP)
        assert await kinds(events, 1) == [StasisStart]


async def test_a_stream_that_went_deaf_while_calls_are_in_it_is_opened_again(
    asterisk: FakeAsterisk,
) -> None:
    """Asterisk lists an application as long as calls are in it, with or without its client."""
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.call("caller-1", APP)
        assert await kinds(events, 1) == [StasisStart]
        asterisk.forget(APP)
        assert (await ari.applications.get(APP)).channel_ids == ("caller-1",)
        assert await anext(events) == Disconnected("our own event did not come back")
        assert await anext(events) == Connected(reconnected=True)
        asterisk.hang_up("caller-1")
        assert await kinds(events, 2) == [ChannelHangupRequest, StasisEnd]
        assert ari.counts["deaf"] == 1


async def test_a_registration_lost_at_once_is_made_again_before_connected(
    asterisk: FakeAsterisk,
) -> None:
    asterisk.refuse(f"PUT applications/{APP}", 404, "Application not found", times=2)
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        assert await anext(events) == Connected(reconnected=False)
        opened = [seen for seen in asterisk.seen if seen.path == "events"]
        assert (len(opened), ari.counts["connected"]) == (3, 1)


async def test_an_asterisk_without_the_applications_resource_is_left_alone(
    asterisk: FakeAsterisk,
) -> None:
    asterisk.refuse("applications", 404, "Resource not found", times=None)
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        await asterisk.until(lambda: asterisk.seen[-1].path.startswith("events/user/"))
        asterisk.call("caller-1", APP)
        assert await kinds(events, 1) == [StasisStart]


async def test_one_client_has_one_stream(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        with pytest.raises(RuntimeError, match="once at a time"):
            await anext(ari.events())


async def test_what_the_block_raises_leaves_as_it_is(asterisk: FakeAsterisk) -> None:
    async def fail(ari: AriClient) -> None:
        await anext(ari.events())
        raise KeyError("a bug of the block's own")

    ari = client(asterisk)
    with pytest.raises(KeyError):
        async with ari:
            await fail(ari)
    await asterisk.until(lambda: APP not in asterisk.apps)


async def test_leaving_the_stream_unregisters_the_application(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari:
        async with aclosing(ari.events()) as events:
            await anext(events)
            assert APP in asterisk.apps
        await asterisk.until(lambda: APP not in asterisk.apps)
        assert (await ari.asterisk.ping()).ping == "pong"


async def test_a_cancelled_reader_leaves_at_once(asterisk: FakeAsterisk) -> None:
    async def read(ari: AriClient) -> None:
        async with aclosing(ari.events()) as events:
            async for _ in events:
                pass

    async with client(asterisk) as ari, asyncio.TaskGroup() as tasks:
        reader = tasks.create_task(read(ari))
        await asterisk.until(lambda: APP in asterisk.apps)
        reader.cancel()
    assert reader.cancelled()


async def test_what_a_subscription_adds(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari, aclosing(ari.events()) as events:
        await anext(events)
        asterisk.call("caller-1", APP)
        await ari.applications.subscribe(APP, event_source=["channel:caller-1"])
        await ari.channels.answer("caller-1")
        await ari.channels.play("caller-1", media=["sound:hello-world"], playback_id="p-1")
        finished = [event async for event in _until(events, PlaybackFinished)][-1]
        assert isinstance(finished, PlaybackFinished)
        assert finished.playback.id == "p-1"
        asterisk.hang_up("caller-1")
        gone = [event async for event in _until(events, ChannelDestroyed)][-1]
        assert isinstance(gone, ChannelDestroyed)
        assert gone.cause == 16


async def _until(events: AsyncIterator[Event], last: type[Event]) -> AsyncIterator[Event]:
    async for event in events:
        yield event
        if isinstance(event, last):
            return
