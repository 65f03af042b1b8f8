"""The real thing: a thread, a socket, and legs in an asyncio loop."""

import asyncio
import socket
import sys
import threading
import time
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from rtp.codec import FRAME_SECONDS, Codec
from rtp.engine import EngineSettings, Leg, MediaEngine, Tick
from rtp.errors import NoFreeRow, SourceInUse
from rtp.gathering import Attention, Heard
from rtp.plane import MediaPlane
from rtp.reception import Datagrams
from tests.rtp.reference import packet_of
from tests.rtp.streams import rtp
from tests.waiting import until

SILENT = b"\xff" * 160
VOICE = np.full((100, 160), 0x10, np.uint8)
PATIENCE = 60.0


def frames(*values: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.repeat(np.array(values, np.uint8)[:, np.newaxis], 160, axis=1)


@contextmanager
def peer() -> Iterator[socket.socket]:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with closing(made):
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)  # noqa: FBT003
        yield made


@asynccontextmanager
async def engine(rows: int = 4, *, continuous: bool = True) -> AsyncIterator[MediaEngine]:
    async with MediaEngine(EngineSettings(rows=rows, continuous=continuous)) as running:
        yield running


def received(one: socket.socket) -> list[bytes]:
    """Payloads that have arrived."""
    payloads: list[bytes] = []
    while True:
        try:
            packet = packet_of(one.recv(2048), 0.0)
        except BlockingIOError:
            return payloads
        assert packet is not None
        payloads.append(packet.payload)


def nothing(_tick: Tick) -> None:
    return


async def test_a_leg_hears_its_source_and_speaks_to_it() -> None:
    ticks: list[Tick] = []
    with peer() as caller:
        async with engine() as media:
            leg = media.open(caller.getsockname(), Codec.PCMU, on_tick=ticks.append)
            heard: list[bytes] = []
            assert leg.play(frames(1, 2, 3)) == 3
            for nth in range(20):
                caller.sendto(rtp(nth, nth * 160, VOICE[0].tobytes()), media.address)
                await asyncio.sleep(0.02)
                heard += received(caller)
            await until(lambda: ticks[-1].played == 3)
            await until(lambda: leg.statistics().received == 20)
            heard += received(caller)
            assert [payload[-1] for payload in heard if payload != SILENT] == [1, 2, 3]
            assert {tick.audio.shape for tick in ticks} == {(320,)}
            assert max(float(np.abs(tick.audio).max()) for tick in ticks) > 0.4
            assert [tick.time for tick in ticks] == sorted(tick.time for tick in ticks)
            assert media.statistics().legs == 1
            assert media.statistics().sent >= 3


async def test_a_leg_to_which_silence_means_little_gets_the_same_in_fewer_ticks() -> None:
    ticks: list[Tick] = []
    with peer() as caller:
        async with engine() as media:
            leg = media.open(caller.getsockname(), Codec.PCMU, on_tick=ticks.append)
            leg.attend(Attention.BROKEN_SILENCE)
            await until(lambda: sum(tick.frames >= 8 for tick in ticks) >= 3)
            first = len(ticks)
            leg.play(frames(*range(1, 13)))
            await until(lambda: ticks[-1].played == 12)
        assert all(len(tick.audio) == tick.frames * 320 for tick in ticks)
        # One when the first frame has left, at the latest the second; one with the last.
        assert next(tick.played for tick in ticks[first:]) <= 2
        assert len(ticks) - first <= 6


async def test_speech_leaves_before_any_packet_has_come_and_without_waiting_for_a_turn() -> None:
    with peer() as caller:
        async with engine(continuous=False) as media:
            leg = media.open(caller.getsockname(), Codec.PCMU, on_tick=nothing)
            leg.play(frames(1))
            heard: list[bytes] = []

            def came() -> bool:
                heard.extend(received(caller))
                return len(heard) == 1

            await until(came)
            assert heard[0] == bytes([1]) * 160


async def test_who_begins_to_speak_does_not_wait_for_the_thread() -> None:
    """While it sleeps; it may just be awake now and then."""
    with peer() as caller:
        async with engine(continuous=False) as media:
            leg = media.open(caller.getsockname(), Codec.PCMU, on_tick=nothing)
            left_at_once = 0
            for nth in range(1, 21):
                leg.play(frames(nth))
                left_at_once += len(received(caller))
                await until(lambda: leg.statistics().played == nth)  # noqa: B023
                await asyncio.sleep(0.03)
                received(caller)
    assert left_at_once > 5


async def test_what_was_heard_is_exact_through_flushes() -> None:
    """Interrupt at any moment: played is what really left, to the frame."""
    ticks: list[Tick] = []
    with peer() as caller:
        async with engine(continuous=False) as media:
            leg = media.open(caller.getsockname(), Codec.G722, on_tick=ticks.append)
            left: list[int] = []
            for talkspurt in range(4):
                position = leg.play(frames(*range(talkspurt * 40 + 1, talkspurt * 40 + 41)))
                assert position == len(left) + 40
                await asyncio.sleep(0.05 + 0.013 * talkspurt)
                leg.flush()
                await until(partial(_has_flushed, ticks, talkspurt + 1))
                await asyncio.sleep(0.05)
                left += [payload[0] for payload in received(caller)]
                assert ticks[-1].played == len(left)
            assert all(tick.played <= 40 * (tick.flushes + 1) for tick in ticks)
            assert leg.statistics().flushed == 160 - len(left)
            assert [value for value in left if value <= 40] == list(
                range(1, 1 + sum(value <= 40 for value in left))
            )


async def test_pause_and_resume_lose_nothing() -> None:
    ticks: list[Tick] = []
    with peer() as caller:
        async with engine(continuous=False) as media:
            leg = media.open(caller.getsockname(), Codec.G722, on_tick=ticks.append)
            leg.play(frames(*range(1, 11)))
            await until(lambda: ticks and ticks[-1].played >= 3)
            leg.pause()
            paused = time.monotonic()
            await until(lambda: ticks[-1].time > paused + 0.06)
            before = ticks[-1].played
            await until(lambda: ticks[-1].time > paused + 0.12)
            assert ticks[-1].played == before
            leg.resume()
            await until(lambda: ticks[-1].played == 10)
            assert [payload[0] for payload in received(caller)] == list(range(1, 11))


async def test_room_is_two_seconds_and_comes_back_as_frames_leave() -> None:
    with peer() as caller:
        async with engine() as media:
            leg = media.open(caller.getsockname(), Codec.PCMU, on_tick=nothing)
            assert leg.room == 100
            leg.play(VOICE)
            with pytest.raises(ValueError, match="room"):
                leg.play(VOICE)
            await until(lambda: leg.room >= 3)
            leg.gain(-6.0)
            leg.flush()
            assert leg.room == 100


async def test_a_full_table_and_a_known_source_are_refused() -> None:
    with peer() as one, peer() as two, peer() as three:
        async with engine(rows=2) as media:
            leg = media.open(one.getsockname(), Codec.PCMU, on_tick=nothing)
            with pytest.raises(SourceInUse):
                media.open(one.getsockname(), Codec.PCMU, on_tick=nothing)
            media.open(two.getsockname(), Codec.PCMA, on_tick=nothing)
            with pytest.raises(NoFreeRow):
                media.open(three.getsockname(), Codec.PCMU, on_tick=nothing)
            with pytest.raises(ValueError, match="listen_rate"):
                media.open(three.getsockname(), Codec.PCMU, listen_rate=44100, on_tick=nothing)
            leg.close()

            await _open_when_free(media, three, [])


async def test_a_closed_leg_is_silent_and_keeps_its_counts() -> None:
    ticks: list[Tick] = []
    with peer() as caller:
        async with engine() as media:
            leg = media.open(caller.getsockname(), Codec.PCMU, on_tick=ticks.append)
            leg.play(frames(1, 2))
            await until(lambda: ticks and ticks[-1].played == 2)
            leg.close()
            leg.close()
            counted, told = leg.statistics(), len(ticks)
            await asyncio.sleep(0.06)
            assert len(ticks) == told
            assert leg.closed
            assert leg.statistics() == counted
            assert counted.played == 2
            assert (leg.room, leg.play(frames(1))) == (0, 2)
            for command in (leg.pause, leg.resume, leg.flush, leg.stop_recording):
                command()
            leg.gain(-3)
            leg.record(Path("never"))
            assert media.statistics().legs == 0
            assert "closed" in repr(leg)


async def test_a_source_may_call_again() -> None:
    with peer() as caller:
        async with engine(rows=1) as media:
            for ssrc in range(5):
                ticks: list[Tick] = []
                leg = await _open_when_free(media, caller, ticks)
                await until(partial(len, ticks))
                caller.sendto(rtp(ssrc, 0, VOICE[0].tobytes(), ssrc=ssrc), media.address)
                await until(partial(_has_received_one, leg))
                leg.close()


def _has_flushed(ticks: list[Tick], times: int) -> bool:
    return bool(ticks) and ticks[-1].flushes == times


def _has_received_one(leg: Leg) -> bool:
    return leg.statistics().received == 1


async def _open_when_free(media: MediaEngine, caller: socket.socket, ticks: list[Tick]) -> Leg:
    """A row is free when the thread has let go of it, which a closed leg does not wait for."""
    opened: list[Leg] = []

    def attempt() -> bool:
        with suppress(NoFreeRow):
            opened.append(media.open(caller.getsockname(), Codec.PCMU, on_tick=ticks.append))
        return bool(opened)

    await until(attempt)
    return opened[0]


async def test_what_one_owner_raises_concerns_no_other_leg() -> None:
    problems: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    ticks: list[Tick] = []

    def clumsy(_tick: Tick) -> None:
        raise RuntimeError("clumsy")

    with peer() as one, peer() as two, peer() as three:
        async with engine() as media:
            media.open(one.getsockname(), Codec.PCMU, on_tick=ticks.append)
            media.open(two.getsockname(), Codec.PCMU, on_tick=clumsy)
            media.open(three.getsockname(), Codec.PCMU, on_tick=ticks.append)
            await until(lambda: len(ticks) > 20)
    assert len(problems) >= 5
    assert {str(problem["exception"]) for problem in problems} == {"clumsy"}


async def test_a_loop_that_does_not_take_its_ticks_loses_the_oldest_and_knows() -> None:
    ticks: list[Tick] = []
    with peer() as caller:
        async with engine() as media:
            media.open(caller.getsockname(), Codec.PCMU, on_tick=ticks.append)
            await until(lambda: ticks)
            held = time.monotonic()
            while media.statistics().undelivered_ticks <= 10:
                time.sleep(0.01)  # noqa: ASYNC251 - the loop is held up, that is the test
            before = time.monotonic()
            await until(lambda: ticks[-1].time > before)
            kept = [tick.time for tick in ticks if tick.time > held]
            assert len(kept) > 30
            assert kept[0] > held + 10 * 0.02


async def test_silent_legs_are_given_their_frames_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each has a clock of its own, but the thread does not turn for each."""
    turns: list[float] = []
    arrive = MediaPlane.arrive

    def counted(plane: MediaPlane, now: float, come: Datagrams) -> list[Heard]:
        turns.append(now)
        return arrive(plane, now, come)

    monkeypatch.setattr(MediaPlane, "arrive", counted)
    ticks: list[Tick] = []
    with ExitStack() as callers:
        async with engine(rows=8, continuous=False) as media:
            for _ in range(8):
                caller = callers.enter_context(peer())
                media.open(caller.getsockname(), Codec.PCMU, on_tick=ticks.append)
                await asyncio.sleep(0.0023)
            ticks.clear()
            turns.clear()
            await until(lambda: len(ticks) >= 160)
            turned = len(turns)
    # 20 frames of 8 legs: two or three turns for each frame, and not eight.
    assert turned < 100


async def test_strangers_and_nonsense_are_counted() -> None:
    with peer() as caller, peer() as stranger:
        async with engine() as media:
            ticks: list[Tick] = []
            leg = media.open(caller.getsockname(), Codec.PCMU, on_tick=ticks.append)
            await until(lambda: ticks)
            for _ in range(10):
                stranger.sendto(rtp(1, 1, VOICE[0].tobytes()), media.address)
                caller.sendto(b"nonsense", media.address)
            dropped = media.statistics
            await until(lambda: dropped().dropped["foreign"] == 10)
            await until(lambda: dropped().dropped["short"] == 10)
            assert leg.statistics().received == 0


async def test_a_call_is_recorded_in_stereo(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    ticks: list[Tick] = []
    with peer() as caller:
        async with engine() as media:
            leg = media.open(caller.getsockname(), Codec.PCMU, on_tick=ticks.append)
            leg.record(path)
            leg.play(VOICE[:10])
            for nth in range(25):
                caller.sendto(rtp(nth, nth * 160, frames(0x20).tobytes()), media.address)
                await asyncio.sleep(0.02)
            await until(lambda: media.statistics().recorded > 24)
            leg.close()
        assert media.statistics().unrecorded == 0
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        stereo = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert len(stereo) > 20 * 160
    heard, sent = (np.abs(stereo[:, side]) > 1000 for side in (0, 1))
    assert heard.sum() > 15 * 160
    assert sent.sum() == pytest.approx(10 * 160, abs=80)


async def test_nothing_is_left_behind() -> None:
    interval = sys.getswitchinterval()
    with peer() as caller:
        async with engine() as media:
            address = media.address
            media.open(caller.getsockname(), Codec.PCMU, on_tick=nothing)
            assert sys.getswitchinterval() != interval
    assert not any(thread.name in {"media", "sender", "tap"} for thread in threading.enumerate())
    assert sys.getswitchinterval() == interval
    async with MediaEngine(EngineSettings(bind=address)) as again:
        assert again.address == address


async def test_a_bug_in_the_thread_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    async with engine() as media:

        def broken() -> float:
            raise ZeroDivisionError("a bug")

        monkeypatch.setattr(threading, "excepthook", lambda _: None)
        monkeypatch.setattr(media.plane.reception, "arrive", None)
        with peer() as caller:
            media.open(caller.getsockname(), Codec.PCMU, on_tick=nothing)
            with pytest.raises(TypeError):
                await asyncio.wait_for(media.watch(), PATIENCE)


async def test_a_bug_in_the_sending_thread_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr("rtp.sending._send", broken)
    async with engine() as media:
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(media.watch(), PATIENCE)


async def test_an_address_in_use_is_refused_and_leaves_nothing() -> None:
    interval = sys.getswitchinterval()
    async with engine() as media:
        with pytest.raises(OSError, match="in use"):
            async with MediaEngine(EngineSettings(bind=media.address)):
                pass
    assert sys.getswitchinterval() == interval


async def test_readings_come_to_callers_who_speak_in_step() -> None:
    """Their packets come right after one, and would wait nearly 20 ms for the next one."""
    async with engine() as running:
        with peer() as one:
            running.open(one.getsockname(), Codec.PCMU, on_tick=lambda _tick: None)
            before = running.readings.at
            nth = 0

            def speak_until_moved() -> bool:
                nonlocal nth
                if running.readings.at != before:
                    return True
                since = (time.monotonic() - before) % FRAME_SECONDS
                if 0.0005 < since < 0.004:
                    one.sendto(rtp(nth, nth * 160, SILENT), running.address)
                    nth += 1
                return False

            await until(speak_until_moved)
