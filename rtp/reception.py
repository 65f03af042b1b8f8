"""The receiving half of the table: datagrams of all sources become each row's frames in order."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from rtp.codec import FRAME_SECONDS, Codec
from rtp.compiled import b1, compiled, f8, i8, u1
from rtp.packet import COMFORT_NOISE, HEADER_BYTES, Malformed, Packets, parse
from rtp.reorder import SLOTS, Ordered, Place, Reorder
from rtp.statistics import JITTERS, Jitter, ReceptionCounters, takes_time
from rtp.streams import NO_STREAM, STREAMS, Streams, comes
from rtp.timeline import CLOCKS, Frames, Timeline, follows

MAX_PAYLOAD_BYTES = 1920
"""60 ms of the fattest codec, 16 kHz L16; longer payloads are dropped."""

QUARANTINE_SECONDS = 10.0
"""How long a source's old SSRC is refused after its leg has closed."""

TOLERATED_OFFSET = 1.5 * FRAME_SECONDS
"""Seconds: of a row whose frames are further off the clock on the wall, none is merely expected."""

_NO_SOURCE = np.uint64(2**64 - 1)

Rows = NDArray[np.intp]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Facts = NDArray[np.void]


class Datagrams(NamedTuple):
    """What has arrived: line i holds `lengths[i]` bytes from `sources[i]`, at `arrivals[i]`.

    Longer datagrams than a line are cut, and then `lengths` says more than the width. The times
    of arrival do not fall.
    """

    lines: Bytes
    lengths: Integers
    sources: NDArray[np.uint64]
    arrivals: NDArray[np.float64]


class Expected(NamedTuple):
    """The next frames of `rows`, still in their datagrams: those at `which` of `lines`.

    `given` is as in `Frames`. They come `again` if other frames of these rows came with them.
    """

    lines: Bytes
    which: Rows
    rows: Rows
    given: NDArray[np.float64]
    again: bool = False


class _Batch(NamedTuple):
    """Some of the datagrams: those at `line`, for these rows, which are all different."""

    lines: Bytes
    line: Rows
    rows: Rows
    lengths: Integers
    arrivals: NDArray[np.float64]


class Reception:
    """Order, time and counters of all rows that receive."""

    def __init__(self, rows: int) -> None:
        self.dropped = dict.fromkeys(
            (*(cause.name.lower() for cause in Malformed), "oversize", "foreign"), 0
        )
        self.counters = ReceptionCounters(rows)
        self.jitter = Jitter(rows)
        self._streams = Streams(rows)
        self.timeline = Timeline(rows, self._streams)
        self._reorder = Reorder(rows, self._streams, MAX_PAYLOAD_BYTES)
        self.apart = np.ones(rows, np.bool_)
        """Rows whose frames are always given as `Frames`."""
        self._come = np.zeros(rows, np.int64)
        self._seen = np.zeros(rows, np.bool_)
        # What is found out about datagrams, until the next ones come.
        self._make_room(rows)
        self._active = np.zeros(rows, np.bool_)
        self._opened = np.zeros(rows)
        self._source = np.zeros(rows, np.uint64)
        self._payload_type = np.zeros(rows, np.int64)
        self._unit_bytes = np.ones(rows, np.int64)
        self._seconds_per_unit = np.zeros(rows)
        self._refused_ssrc = np.full(rows, NO_STREAM, np.int64)
        self._quarantine: dict[int, tuple[int, float]] = {}
        # Sources in order, and the row of each; put in order when next needed. At the end is one
        # that no datagram comes from.
        self._known_changed = True
        self._known = np.zeros(0, np.uint64)
        self._known_rows = np.zeros(0, np.intp)

    def open(self, row: int, source: int, codec: Codec, now: float) -> None:
        """Row `row` takes `codec` from `source` alone, and nothing that came before now."""
        self._active[row] = True
        self._opened[row] = now
        self._source[row] = source
        self._payload_type[row] = codec.payload_type
        self._unit_bytes[row] = codec.frame_bytes // codec.timestamp_step
        self._seconds_per_unit[row] = 1 / codec.clock_rate
        ssrc, until = self._quarantine.get(source, (NO_STREAM, now))
        self._refused_ssrc[row] = ssrc if until > now else NO_STREAM
        self.counters.reset(row)
        self.jitter.reset(row)
        self._streams.open(row, codec.payload_type, codec.timestamp_step, codec.frame_bytes)
        self._reorder.waiting[row] = 0
        self.timeline.open(row, codec, now)
        self._known_changed = True

    def close(self, row: int, now: float) -> None:
        """Row `row` takes nothing more; its stream's SSRC is refused from this source a while."""
        self._quarantine = {
            source: (ssrc, until)
            for source, (ssrc, until) in self._quarantine.items()
            if until > now
        }
        ssrc = int(self._streams.ssrc[row])
        if ssrc != NO_STREAM:
            self._quarantine[int(self._source[row])] = (ssrc, now + QUARANTINE_SECONDS)
        self._active[row] = False
        self.timeline.close(row)
        self._known_changed = True

    def arrive(self, now: float, datagrams: Datagrams) -> Iterator[Frames | Expected]:
        """Every frame that what has come makes ready, and every one that is due without it.

        `now` is the time up to which all that has come is among `datagrams`. What is given must be
        taken before the next is asked for.
        """
        frames: list[Frames] = []
        if len(datagrams.lengths):
            rows, which = self._locate(datagrams.sources)
            again = False
            # One of each row at a time.
            while len(which):
                expected, which = self._take(datagrams, rows, which, frames)
                if len(expected.rows):
                    yield expected._replace(again=again)
                again = True
                yield from frames
                frames.clear()
        rows = self.timeline.clock(now)
        while len(rows):
            self._stand_in(rows, frames)
            self._release_covered(rows, frames)
            yield from frames
            frames.clear()
            rows = self.timeline.clock(now)

    # --- admission ----------------------------------------------------------------------------

    def _locate(self, sources: NDArray[np.uint64]) -> tuple[Rows, Rows]:
        """The row locked to each of `sources`, and which of them there is one for.

        No row gets more than its ring has room for.
        """
        if self._known_changed:
            self._learn_sources()
        if len(sources) > self._located.shape[1]:
            self._make_room(len(sources))
        rows, which = self._located
        kept, foreign = _locate(
            sources,
            self._known,
            self._known_rows,
            self._come,
            self.counters.flooded,
            rows,
            which,
        )
        self.dropped["foreign"] += foreign
        return rows, which[:kept]

    def _make_room(self, datagrams: int) -> None:
        """For so many at a time."""
        self._located = np.empty((2, datagrams), np.int64)
        self._sorted = np.empty((6, datagrams), np.int64)
        self._times = np.empty((3, datagrams))

    def _learn_sources(self) -> None:
        rows = np.flatnonzero(self._active)
        rows = rows[np.argsort(self._source[rows])]
        self._known_rows = np.append(rows, 0)
        self._known = np.append(self._source[rows], _NO_SOURCE)
        self._known_changed = False

    # --- order --------------------------------------------------------------------------------

    def _take(
        self, datagrams: Datagrams, rows: Rows, which: Rows, frames: list[Frames]
    ) -> tuple[Expected, Rows]:
        """Takes the first of each row of the datagrams at `which`; returns which are left."""
        lines, lengths, _, arrivals = datagrams
        sorted_, times = self._sorted, self._times
        ends = _sort(
            lines,
            lengths,
            arrivals,
            rows,
            which,
            self._streams.facts,
            self.timeline.facts,
            self.timeline.due,
            self.jitter.facts,
            self.counters.received,
            self.apart,
            self._seen,
            sorted_,
            times,
        )
        expected, expected_rows, alone, alone_rows, odd, later = (
            found[:end] for found, end in zip(sorted_, ends, strict=True)
        )
        if len(alone):
            payload = lines[alone, HEADER_BYTES : int(lengths[alone].max())]
            given, ahead = times[1:, : len(alone)]
            frames.append(Frames(alone_rows, given, payload, ahead=ahead))
        if len(odd):
            odd_rows = rows[odd]
            self._sort_out(_Batch(lines, odd, odd_rows, lengths[odd], arrivals[odd]), frames)
            in_turn = self._reorder.waiting[odd_rows] == 0
            self._streams.settle(odd_rows, in_turn & self.timeline.steady(odd_rows))
        return Expected(lines, expected, expected_rows, times[0, : len(expected)]), later.copy()

    def _sort_out(self, batch: _Batch, frames: list[Frames]) -> None:
        """Anything may be among these datagrams."""
        packets, rows, arrival = self._admit(batch)
        if not len(rows):
            return
        place = self._reorder.place(rows, packets.sequence_number, packets.ssrc)
        self._count(place, rows, self._reorder.overtaken(rows, packets.sequence_number))
        restart = place == Place.RESTART
        self._restart(_pick(packets, restart), rows[restart])
        known = (place != Place.DUPLICATE) & (place != Place.STRAY)
        self._observe(_pick(packets, known), rows[known], arrival[known])
        jump = place == Place.JUMP
        self._release_all(rows[jump], frames)
        now = (place == Place.NEXT) | jump | restart
        if now.any():
            chosen = _pick(packets, now)
            self._release(_ordered(chosen, rows[now], arrival[now], batch.lines), frames)
        ahead = place == Place.AHEAD
        if ahead.any():
            chosen = _pick(packets, ahead)
            self._reorder.hold(rows[ahead], chosen, arrival[ahead], batch.lines)
        self._release_covered(rows, frames)

    def _admit(self, batch: _Batch) -> tuple[Packets, Rows, NDArray[np.float64]]:
        """The well-formed packets of the calls that these rows carry now, and their arrivals."""
        packets, malformed = parse(batch.lines, batch.line, batch.lengths)
        if malformed is not None:
            for cause in Malformed:
                self.dropped[cause.name.lower()] += int(malformed[cause])
        rows, arrival = batch.rows[packets.nth], batch.arrivals[packets.nth]
        fits = packets.length <= MAX_PAYLOAD_BYTES
        stale = packets.ssrc == self._refused_ssrc[rows]
        stale |= arrival < self._opened[rows]
        good = fits & ~stale
        if good.all():
            return packets, rows, arrival
        self.dropped["oversize"] += int((~fits).sum())
        self.counters.stale[rows[fits & stale]] += 1
        return _pick(packets, good), rows[good], arrival[good]

    def _restart(self, packets: Packets, rows: Rows) -> None:
        if not len(rows):
            return
        self.counters.restarts[rows[self._streams.ssrc[rows] != NO_STREAM]] += 1
        self._reorder.restart(rows, packets.sequence_number, packets.ssrc)
        self.timeline.restart(rows)
        self.jitter.reset(rows)

    def _observe(self, packets: Packets, rows: Rows, arrival: NDArray[np.float64]) -> None:
        self.timeline.observe(rows, packets.timestamp, arrival)
        transit = arrival - packets.timestamp * self._seconds_per_unit[rows]
        self.jitter.observe(rows, transit)

    def _count(self, place: Integers, rows: Rows, overtaken: NDArray[np.bool_]) -> None:
        counters = self.counters
        counters.received[rows] += 1
        in_time = (place == Place.NEXT) | (place == Place.AHEAD)
        counters.reordered[rows[in_time & overtaken]] += 1
        counters.duplicate[rows[place == Place.DUPLICATE]] += 1
        counters.stray[rows[place == Place.STRAY]] += 1
        late = rows[place == Place.LATE]
        counters.late[late] += 1
        counters.lost[late] -= np.minimum(counters.lost[late], 1)

    def _release_covered(self, rows: Rows, frames: list[Frames]) -> None:
        """Releases waiting packets before which nothing is missing, or not any more."""
        rows = rows[self._reorder.waiting[rows] > 0]
        while len(rows):
            sequence_number, timestamp = self._reorder.first_waiting(rows)
            free = sequence_number == self._reorder.expected(rows)
            free |= self.timeline.covered(rows, timestamp)
            rows, sequence_number = rows[free], sequence_number[free]
            if len(rows):
                self._release(self._reorder.take(rows, sequence_number), frames)
                rows = rows[self._reorder.waiting[rows] > 0]

    def _release_all(self, rows: Rows, frames: list[Frames]) -> None:
        rows = rows[self._reorder.waiting[rows] > 0]
        while len(rows):
            sequence_number, _ = self._reorder.first_waiting(rows)
            self._release(self._reorder.take(rows, sequence_number), frames)
            rows = rows[self._reorder.waiting[rows] > 0]

    # --- time ---------------------------------------------------------------------------------

    def _release(self, packets: Ordered, frames: list[Frames]) -> None:
        """The next packets of their rows become frames."""
        rows = packets.rows
        absent = self._reorder.advance(rows, packets.sequence_number)
        units = packets.length // self._unit_bytes[rows]
        if absent.any():
            self._count_lost(rows, absent, packets.timestamp, units)
        packets = packets._replace(length=units * self._unit_bytes[rows])
        audio = (packets.payload_type == self._payload_type[rows]) & (units > 0)
        if not audio.all():
            self._take_silence(rows[~audio], packets.payload_type[~audio])
            if not audio.any():
                return
            packets = Ordered(*(column[audio] for column in packets))
        frames += self.timeline.append(packets)

    def _take_silence(self, rows: Rows, payload_type: Integers) -> None:
        """Comfort noise says that silence begins; other payloads only use up a number."""
        self.timeline.silence(rows[payload_type == COMFORT_NOISE])
        self.counters.other_payload[rows[payload_type != COMFORT_NOISE]] += 1

    def _count_lost(
        self, rows: Rows, absent: Integers, timestamp: Integers, units: Integers
    ) -> None:
        """Numbers are missing: packets were lost, if as much time is missing.

        Less time means that the sender used numbers up for something else: Asterisk leaves out
        twenty numbers and ten frames for a digit on the keypad.
        """
        gap = np.maximum(self.timeline.gap(rows, timestamp), 0)
        lost = np.where(absent * units <= gap, absent, 0)
        concealed = np.where(lost > 0, self.timeline.stood_in(rows, timestamp), 0)
        self.counters.lost[rows] += lost
        self.counters.concealed[rows] += concealed
        self.counters.silence[rows] -= concealed

    def _stand_in(self, rows: Rows, frames: list[Frames]) -> None:
        """The clock's frames: the rest of a cut frame, what replaces a loss, or silence."""
        self.counters.silence[rows] += 1
        cut, finished = self.timeline.finish(rows)
        if finished is not None:
            frames.append(finished)
            rows = rows[~cut]
        quiet = self.timeline.quiet[rows]
        for chosen, lost in ((rows[quiet], False), (rows[~quiet], True)):
            if len(chosen):
                frames.append(self.timeline.stand_in(chosen, lost=lost))


def _pick(packets: Packets, chosen: NDArray[np.bool_]) -> Packets:
    return Packets(*(column[chosen] for column in packets))


def _ordered(packets: Packets, rows: Rows, arrival: NDArray[np.float64], lines: Bytes) -> Ordered:
    """Packets released straight from their datagrams."""
    widest = max(int(packets.length.max()), 1)
    if (packets.start == HEADER_BYTES).all():
        payload = lines[packets.line, HEADER_BYTES : HEADER_BYTES + widest]
    else:
        columns = packets.start[:, np.newaxis] + np.arange(widest)
        payload = lines[packets.line[:, np.newaxis], np.minimum(columns, lines.shape[1] - 1)]
    return Ordered(
        rows=rows,
        sequence_number=packets.sequence_number,
        timestamp=packets.timestamp,
        payload_type=packets.payload_type,
        arrival=arrival,
        payload=payload,
        length=packets.length,
    )


@compiled(
    types.UniTuple(i8, 6)(
        u1[:, :],
        i8[::1],
        f8[::1],
        i8[::1],
        i8[::1],
        STREAMS,
        CLOCKS,
        f8[::1],
        JITTERS,
        i8[::1],
        b1[::1],
        b1[::1],
        i8[:, ::1],
        f8[:, ::1],
    )
)
def _sort(
    lines: Bytes,
    lengths: Integers,
    arrivals: NDArray[np.float64],
    row_of: Rows,
    which: Rows,
    streams: Facts,
    clocks: Facts,
    due: NDArray[np.float64],
    jitters: Facts,
    received: Integers,
    apart: NDArray[np.bool_],
    seen: NDArray[np.bool_],
    sorted_: Integers,
    times: NDArray[np.float64],
) -> tuple[int, int, int, int, int, int]:
    """Takes the datagrams at `which` that are what their rows expected: the next frame, no more.

    Fills `sorted_` and returns how many are in each of its lines: those taken, and their rows;
    those taken that are to be given alone, and their rows; those that are not as expected; and
    those whose rows had another one before them. `times` is filled with what `Frames` tells:
    `given` of those taken, `given` and `ahead` of those alone.
    `seen` is all false before and after.
    """
    expected = alone = odd = later = 0
    for line in which:
        row = row_of[line]
        if seen[row]:
            sorted_[5, later] = line
            later += 1
            continue
        seen[row] = True
        timestamp = streams[row]["timestamp"]
        if not comes(streams, row, lines[line], lengths[line]):
            sorted_[4, odd] = line
            odd += 1
            continue
        received[row] += 1
        takes_time(jitters, row, arrivals[line] - timestamp * clocks[row]["seconds_per_unit"])
        given, ahead = follows(clocks, due, row, arrivals[line])
        if apart[row] or abs(ahead) >= TOLERATED_OFFSET:
            sorted_[2, alone], sorted_[3, alone] = line, row
            times[1, alone], times[2, alone] = given, ahead
            alone += 1
        else:
            sorted_[0, expected], sorted_[1, expected] = line, row
            times[0, expected] = given
            expected += 1
    for line in which:
        seen[row_of[line]] = False
    return expected, expected, alone, alone, odd, later


@compiled("UniTuple(i8, 2)(u8[:], u8[::1], i8[::1], i8[::1], i8[::1], i8[::1], i8[::1])")
def _locate(
    sources: NDArray[np.uint64],
    known: NDArray[np.uint64],
    known_rows: Rows,
    count: Integers,
    flooded: Integers,
    rows: Rows,
    which: Rows,
) -> tuple[int, int]:
    """Fills `rows` with the row of each of `sources`, and `which` with those that are to be taken.

    `known` is in order and ends with a source that is none; `count` is all 0 before and after.
    Returns how many are in `which`, and how many have no row.
    """
    kept = foreign = 0
    for nth, source in enumerate(sources):
        low, high = 0, len(known) - 1
        while low < high:
            middle = (low + high) >> 1
            if known[middle] < source:
                low = middle + 1
            else:
                high = middle
        row = known_rows[low]
        rows[nth] = row
        if known[low] != source:
            foreign += 1
        elif count[row] == SLOTS:
            flooded[row] += 1
        else:
            count[row] += 1
            which[kept] = nth
            kept += 1
    for nth in which[:kept]:
        count[rows[nth]] = 0
    return kept, foreign
