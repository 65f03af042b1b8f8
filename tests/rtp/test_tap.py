"""The tap: two directions in one file, aligned to the sample; the disk never holds up the tick."""

import io
import os
import time
import wave
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import BinaryIO, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtp.codec import Codec
from rtp.g711 import decode_alaw, decode_mulaw, encode_mulaw
from rtp.g722 import G722Decoder, G722Encoder
from rtp.tap import Tap

Samples = NDArray[np.float32]
Octets = NDArray[np.uint8]

STEP = 1 / 32768
YES = np.array([True])


def read(path: Path) -> tuple[int, Samples]:
    """The sample rate, and (samples, 2) of what the file holds."""
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        linear = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return file.getframerate(), (linear.reshape(-1, 2) / 32768).astype(np.float32)


def noise(seed: int, frames: int, samples: int = 160) -> Samples:
    return np.random.default_rng(seed).uniform(-0.9, 0.9, (frames, samples)).astype(np.float32)


def octets(seed: int, frames: int) -> Octets:
    return np.random.default_rng(seed).integers(0, 256, (frames, 160)).astype(np.uint8)


def caught_up(tap: Tap) -> None:
    while tap.backlog:
        time.sleep(0.001)


def one(row: int) -> NDArray[np.intp]:
    return np.array([row], np.intp)


@pytest.mark.parametrize("frames", [1, 49, 50, 51, 130])
@pytest.mark.parametrize(
    ("codec", "decode"), [(Codec.PCMU, decode_mulaw), (Codec.PCMA, decode_alaw)]
)
def test_left_is_what_was_heard_and_right_what_was_sent(
    codec: Codec, decode: Callable[[Octets], Samples], frames: int, tmp_path: Path
) -> None:
    heard, sent = noise(1, frames), octets(2, frames)
    with Tap(4) as tap:
        tap.open(2, tmp_path / "call.wav", codec)
        for n in range(frames):
            tap.write(one(2), heard[n : n + 1], sent[n : n + 1], YES)
        tap.close(2)
    rate, stereo = read(tmp_path / "call.wav")
    assert rate == 8000
    assert np.abs(stereo[:, 0] - heard.reshape(-1)).max() <= STEP
    assert np.array_equal(stereo[:, 1], decode(sent).reshape(-1))


@pytest.mark.parametrize("codec", [Codec.G722, Codec.L16])
def test_a_wideband_call_is_recorded_at_its_own_rate(codec: Codec, tmp_path: Path) -> None:
    heard, spoken = noise(3, 60, 320), noise(4, 60, 320)
    sent = G722Encoder().encode(spoken.reshape(-1))
    with Tap(1) as tap:
        tap.open(0, tmp_path / "call.wav", codec)
        for frame, payload in zip(heard, sent.reshape(60, 1, 160), strict=True):
            tap.write(one(0), frame[np.newaxis], payload, YES)
    rate, stereo = read(tmp_path / "call.wav")
    assert rate == 16000
    assert np.abs(stereo[:, 0] - heard.reshape(-1)).max() <= STEP
    assert np.array_equal(stereo[:, 1], G722Decoder(1).decode(one(0), sent[np.newaxis])[0])


def test_where_nothing_was_sent_there_is_silence(tmp_path: Path) -> None:
    speaking = [True, False, False, True]
    with Tap(1) as tap:
        tap.open(0, tmp_path / "call.wav", Codec.PCMU)
        for spoke in speaking:
            payload = encode_mulaw(np.full((1, 160), 0.25, np.float32))
            tap.write(one(0), noise(5, 1), payload, np.array([spoke]))
    _, stereo = read(tmp_path / "call.wav")
    loud = np.abs(stereo[:, 1].reshape(4, 160)) > 0.2
    assert loud.all(axis=1).tolist() == speaking
    assert loud.any(axis=1).tolist() == speaking


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_each_row_has_its_own_file(data: st.DataObject, tmp_path: Path) -> None:
    folder = tmp_path / str(len(os.listdir(tmp_path)))
    folder.mkdir()
    frames = {row: noise(row, 20) for row in range(3)}
    counts = dict.fromkeys(frames, 0)
    silence = np.zeros((3, 160), np.uint8)
    with Tap(3) as tap:
        for row in frames:
            tap.open(row, folder / f"{row}.wav", Codec.PCMU)
        for _ in range(20):
            rows = data.draw(st.lists(st.sampled_from(range(3)), unique=True))
            heard = np.stack([frames[row][counts[row]] for row in rows] or [silence[0]])
            tap.write(
                np.array(rows, np.intp),
                heard[: len(rows)],
                silence[: len(rows)],
                np.zeros(len(rows), np.bool_),
            )
            for row in rows:
                counts[row] += 1
    for row, count in counts.items():
        _, stereo = read(folder / f"{row}.wav")
        assert len(stereo) == count * 160
        assert np.allclose(stereo[:, 0], frames[row][:count].reshape(-1), atol=STEP)


class SlowDisk(io.BytesIO):
    """A file whose writes wait until the test lets them go; closing keeps what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.writing, self.free = Event(), Event()
        self.content = b""

    def write(self, buffer: object, /) -> int:
        self.writing.set()
        assert self.free.wait(60)
        return super().write(cast("bytes", buffer))

    def close(self) -> None:
        if not self.closed:
            self.content = self.getvalue()
        super().close()


def test_a_slow_disk_drops_and_counts_and_keeps_the_time(tmp_path: Path) -> None:
    disk = SlowDisk()
    heard = noise(6, 180)
    nothing, silent = np.zeros((1, 160), np.uint8), np.array([False])
    with Tap(1, backlog=10, open_file=lambda _: disk) as tap:
        tap.open(0, tmp_path / "call.wav", Codec.PCMU)
        for frame in heard[:50]:
            tap.write(one(0), frame[np.newaxis], nothing, silent)
            caught_up(tap)
        assert disk.writing.wait(60)
        for frame in heard[50:150]:
            tap.write(one(0), frame[np.newaxis], nothing, silent)
        dropped = tap.statistics.dropped
        disk.free.set()
        for frame in heard[150:]:
            caught_up(tap)
            tap.write(one(0), frame[np.newaxis], nothing, silent)
    assert dropped == 90
    assert tap.statistics.written == 180 - dropped
    (tmp_path / "call.wav").write_bytes(disk.content)
    _, stereo = read(tmp_path / "call.wav")
    expected = heard.copy()
    expected[60:150] = 0
    assert np.allclose(stereo[:, 0], expected.reshape(-1), atol=STEP)


def test_frames_dropped_at_the_very_end_are_silence_too(tmp_path: Path) -> None:
    disk = SlowDisk()
    nothing, silent = np.zeros((1, 160), np.uint8), np.array([False])
    with Tap(1, backlog=1, open_file=lambda _: disk) as tap:
        tap.open(0, tmp_path / "call.wav", Codec.PCMU)
        for frame in noise(7, 60):
            tap.write(one(0), frame[np.newaxis], nothing, silent)
        tap.close(0)
        disk.free.set()
    (tmp_path / "call.wav").write_bytes(disk.content)
    _, stereo = read(tmp_path / "call.wav")
    assert len(stereo) == 60 * 160


class FullDisk(io.BytesIO):
    def write(self, buffer: object, /) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_ends_that_recording_only(tmp_path: Path) -> None:
    def open_file(path: Path) -> BinaryIO:
        return FullDisk() if path.name == "full.wav" else path.open("xb")

    nothing, silent = np.zeros((2, 160), np.uint8), np.zeros(2, np.bool_)
    with Tap(2, open_file=open_file) as tap:
        tap.open(0, tmp_path / "full.wav", Codec.PCMU)
        tap.open(1, tmp_path / "good.wav", Codec.PCMU)
        for _ in range(120):
            tap.write(np.array([0, 1], np.intp), noise(8, 2), nothing, silent)
    assert tap.statistics.failed == 1
    assert len(read(tmp_path / "good.wav")[1]) == 120 * 160


def test_a_file_that_cannot_be_opened_is_counted(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(b"an older call")
    with Tap(1) as tap:
        tap.open(0, tmp_path / "call.wav", Codec.PCMU)
        tap.write(one(0), noise(9, 1), octets(9, 1), YES)
        tap.close(0)
    assert tap.statistics.failed == 1
    assert tap.statistics.written == 0
    assert (tmp_path / "call.wav").read_bytes() == b"an older call"


def test_only_the_owner_may_listen(tmp_path: Path) -> None:
    with Tap(1) as tap:
        tap.open(0, tmp_path / "call.wav", Codec.PCMU)
    assert (tmp_path / "call.wav").stat().st_mode & 0o777 == 0o600


def test_a_row_used_again_starts_a_new_file(tmp_path: Path) -> None:
    with Tap(1) as tap:
        for name, seed in (("first", 10), ("second", 11)):
            tap.open(0, tmp_path / f"{name}.wav", Codec.PCMU)
            tap.write(one(0), noise(seed, 1), octets(seed, 1), YES)
            tap.close(0)
        tap.write(one(0), noise(12, 1), octets(12, 1), YES)
    for name, seed in (("first", 10), ("second", 11)):
        _, stereo = read(tmp_path / f"{name}.wav")
        assert np.allclose(stereo[:, 0], noise(seed, 1)[0], atol=STEP)
    assert tap.statistics.written == 2
