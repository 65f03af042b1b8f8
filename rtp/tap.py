"""Recording: what each row heard (left) and was sent (right), sample-aligned, as stereo WAV.

The tick only copies frames into a queue. A thread of the tap's own decodes and writes; if the
disk cannot keep up, frames are dropped and counted, and the file holds silence of their length,
so that what follows is still in its place.
"""

import os
import wave
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import BinaryIO, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rtp.codec import FRAMES_PER_SECOND, Codec
from rtp.g711 import decode_alaw, decode_mulaw
from rtp.g722 import G722Decoder

Samples = NDArray[np.float32]
Octets = NDArray[np.uint8]
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]

BACKLOG = 400
"""Batches that may wait for the disk: 2 s of four slots per frame."""

_FULL_SCALE = 32768.0
_FRAMES_PER_WRITE = FRAMES_PER_SECOND


def open_private(path: Path) -> BinaryIO:
    """A new file that only its owner may read; FileExistsError rather than overwrite a call."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


@dataclass(frozen=True, slots=True)
class TapStatistics:
    """Frames that reached a file, frames that did not, and files the disk refused."""

    written: int
    dropped: int
    failed: int


class Tap:
    """Records any of `rows` rows. A context manager: leaving it finishes every file.

    `open`, `write` and `close` belong to one thread, the tick's. They never wait.
    """

    def __init__(
        self,
        rows: int,
        *,
        backlog: int = BACKLOG,
        open_file: Callable[[Path], BinaryIO] = open_private,
    ) -> None:
        self._most = backlog
        self._messages: SimpleQueue[_Message] = SimpleQueue()
        self._missed = np.zeros(rows, np.int64)
        self._dropped = 0
        self._writer = _Writer(open_file)
        self._thread = Thread(target=self._writer.run, args=(self._messages,), name="tap")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._messages.put(None)
        self._thread.join()

    @property
    def backlog(self) -> int:
        """Messages that wait for the disk now."""
        return self._messages.qsize()

    @property
    def statistics(self) -> TapStatistics:
        """The counts so far; frames still waiting are neither written nor dropped."""
        return TapStatistics(self._writer.written, self._dropped, self._writer.failed)

    def open(self, row: int, path: Path, codec: Codec) -> None:
        """Record `row` to `path` from its next frame on; `codec` is that of its leg."""
        self._missed[row] = 0
        self._messages.put(_Open(row, path, codec))

    def write(self, rows: Rows, heard: Samples, sent: Octets, speaking: Flags) -> None:
        """One frame of each of `rows`, all of one codec's sizes.

        `heard` (n, samples) is at the codec's own rate, `sent` (n, octets) is the payload as it
        left; where `speaking` (n,) is false nothing left and `sent` is not looked at. All are
        copied.
        """
        if self.backlog >= self._most:
            self._missed[rows] += 1
            self._dropped += len(rows)
            return
        missed = self._missed[rows]
        self._missed[rows] = 0
        self._messages.put(
            _Batch(rows.tolist(), missed, heard.copy(), sent.copy(), speaking.copy())
        )

    def close(self, row: int) -> None:
        """Finish the file of `row`; a row that is not recorded is left alone."""
        self._messages.put(_Close(row, int(self._missed[row])))
        self._missed[row] = 0


@dataclass(frozen=True, slots=True)
class _Open:
    row: int
    path: Path
    codec: Codec


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: list[int]
    missed: NDArray[np.int64]
    heard: Samples
    sent: Octets
    speaking: Flags


@dataclass(frozen=True, slots=True)
class _Close:
    row: int
    missed: int


_Message: TypeAlias = _Open | _Batch | _Close | None


class _Writer:
    """The far side of the queue: everything here runs in the tap's thread."""

    def __init__(self, open_file: Callable[[Path], BinaryIO]) -> None:
        self.written = 0
        self.failed = 0
        self._open_file = open_file
        self._recordings: dict[int, _Recording] = {}

    def run(self, messages: "SimpleQueue[_Message]") -> None:
        while (message := messages.get()) is not None:
            match message:
                case _Open():
                    self._open(message)
                case _Batch():
                    self._write(message)
                case _Close():
                    self._close(message)
        for row in tuple(self._recordings):
            self._close(_Close(row, missed=0))

    def _open(self, message: _Open) -> None:
        try:
            file = self._open_file(message.path)
        except OSError:
            self.failed += 1
        else:
            self._recordings[message.row] = _Recording(file, message.codec)

    def _write(self, batch: _Batch) -> None:
        for position, row in enumerate(batch.rows):
            if (recording := self._recordings.get(row)) is None:
                continue
            sent = batch.sent[position] if batch.speaking[position] else None
            try:
                recording.skip(int(batch.missed[position]))
                recording.add(batch.heard[position], sent)
            except OSError:
                self._abandon(row)
            else:
                self.written += 1

    def _close(self, message: _Close) -> None:
        if (recording := self._recordings.get(message.row)) is None:
            return
        try:
            recording.skip(message.missed)
            recording.close()
        except OSError:
            self._abandon(message.row)
        else:
            del self._recordings[message.row]

    def _abandon(self, row: int) -> None:
        self.failed += 1
        self._recordings.pop(row).abandon()


class _Recording:
    """One file. Frames are gathered for a second, then decoded and written together."""

    def __init__(self, file: BinaryIO, codec: Codec) -> None:
        self._file = file
        self._codec = codec
        self._g722 = G722Decoder(1)
        self._heard: list[Samples] = []
        self._sent: list[Octets | None] = []
        self._wave = wave.Wave_write(file)
        self._wave.setnchannels(2)
        self._wave.setsampwidth(2)
        self._wave.setframerate(codec.sample_rate)

    def add(self, heard: Samples, sent: Octets | None) -> None:
        self._heard.append(heard)
        self._sent.append(sent)
        if len(self._heard) >= _FRAMES_PER_WRITE:
            self._flush()

    def skip(self, frames: int) -> None:
        """Silence in place of frames that were dropped."""
        if frames:
            self._flush()
        for _ in range(frames):
            self._wave.writeframesraw(bytes(4 * self._codec.frame_samples))

    def close(self) -> None:
        with closing(self._file), closing(self._wave):
            self._flush()

    def abandon(self) -> None:
        """Let go of a file that can no longer be written."""
        self._heard.clear()
        with suppress(OSError):
            self.close()

    def _flush(self) -> None:
        if not self._heard:
            return
        stereo = np.stack([np.concatenate(self._heard), self._decoded()], axis=1)
        self._heard, self._sent = [], []
        linear = np.clip(np.rint(stereo * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
        self._wave.writeframes(linear.astype("<i2").tobytes())

    def _decoded(self) -> Samples:
        """What was sent; silence where nothing was."""
        samples = np.zeros((len(self._sent), self._codec.frame_samples), np.float32)
        speaking = np.flatnonzero([sent is not None for sent in self._sent])
        if len(speaking):
            octets = np.stack([sent for sent in self._sent if sent is not None])
            samples[speaking] = self._decode(octets)
        return samples.reshape(-1)

    def _decode(self, octets: Octets) -> Samples:
        match self._codec.send_codec:
            case Codec.PCMU:
                return decode_mulaw(octets)
            case Codec.PCMA:
                return decode_alaw(octets)
            case _:
                row = np.zeros(1, np.intp)
                return self._g722.decode(row, octets.reshape(1, -1)).reshape(len(octets), -1)
