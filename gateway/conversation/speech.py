"""From text to wire-ready audio: through the cache where it was said before, streamed where not."""

import hashlib
import time
from asyncio import Future, get_running_loop, shield, sleep
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gateway.conversation.clip import CLIP_VERSION, Clip, joined
from gateway.conversation.framer import Framer
from gateway.conversation.loudness import Level
from gateway.conversation.normalise import normalise, pieces
from gateway.conversation.prompts import spoken
from gateway.conversation.sentences import speakable
from gateway.conversation.spares import Spares
from gateway.profile import Recording
from gateway.profile.recordings import plain
from gateway.providers.alignment import USUAL_PACE, spoken_weight
from gateway.providers.base import SpeechChunk, TextToSpeech, Voice
from gateway.providers.sound import decoded
from gateway.providers.streams import closing
from gateway.store.base import BytesStore
from rtp.codec import FRAMES_PER_SECOND, Codec

FRAMING_VERSION = 1
"""Part of every key: what this package does to the audio changes with it."""
_FINAL = ".!?…。！？؟\u06d4।"
SENTENCE_PAUSE = 0.20
CLAUSE_PAUSE = 0.10
PACE_ADAPTATION = 0.2
KEPT_SECONDS = 30 * 24 * 3600.0


@dataclass(slots=True)
class CacheCounts:
    """How often speech was found; misses had to be synthesised."""

    memory_hits: int = 0
    store_hits: int = 0
    joined_flights: int = 0
    misses: int = 0
    evictions: int = 0


@dataclass(slots=True)
class SpeechLibrary:
    """Clips of all calls: the last ones in memory, repeated and fixed ones in `store` as well.

    Bounded by `most_bytes` (0: nothing is kept), the clip that was not used longest goes first, and
    by `kept_seconds` of age, here as in the store. `clock` gives monotonic seconds.
    """

    store: BytesStore | None = None
    most_bytes: int = 64 * 1024 * 1024
    kept_seconds: float = KEPT_SECONDS
    clock: Callable[[], float] = time.monotonic
    counts: CacheCounts = field(default_factory=CacheCounts)
    _clips: OrderedDict[str, tuple[Clip, float]] = field(default_factory=OrderedDict)
    """With the time at which each is too old."""
    _bytes: int = 0
    _flights: dict[str, Future[Clip | None]] = field(default_factory=dict)
    _levels: dict[str, Level] = field(default_factory=dict)
    _paces: dict[str, float] = field(default_factory=dict)

    def level(self, voice: str) -> Level:
        """The loudness of a voice, by its key."""
        return self._levels.setdefault(voice, Level())

    def pace(self, voice: str) -> float:
        """How slow the voice is: seconds per unit of `alignment.weight`."""
        return self._paces.get(voice, USUAL_PACE)

    def learn_pace(self, voice: str, pace: float) -> None:
        """A clause of the voice took so long; the average of the last ones counts."""
        known = self._paces.get(voice, pace)
        self._paces[voice] = known + PACE_ADAPTATION * (pace - known)

    def ready(self, key: str) -> Clip | None:
        """The clip if it is in memory; costs nothing."""
        if (clip := self.has(key)) is not None:
            self._clips.move_to_end(key)
            self.counts.memory_hits += 1
        return clip

    def has(self, key: str) -> Clip | None:
        """The clip if it is in memory, without counting that somebody asked."""
        clip, too_old = self._clips.get(key, (None, 0.0))
        if clip is not None and self.clock() >= too_old:
            self._forget(key)
            return None
        return clip

    async def find(self, key: str) -> Clip | None:
        """The clip if somebody is just making it, or if the store has it."""
        if (flight := self._flights.get(key)) is not None:
            # Our own cancellation must not take the clip from the call that makes it.
            clip = await shield(flight)
            if clip is not None:
                self.counts.joined_flights += 1
                return clip
        if self.store is None or (stored := await self.store.get(key)) is None:
            return None
        try:
            clip = Clip.from_bytes(stored)
        except ValueError:
            return None
        self.counts.store_hits += 1
        self._remember(key, clip)
        return clip

    def take_off(self, key: str) -> None:
        """The caller of this is making the clip; who wants it too may wait for `land`."""
        self.counts.misses += 1
        if key not in self._flights:
            self._flights[key] = get_running_loop().create_future()

    def land(self, key: str, clip: Clip | None) -> None:
        """The clip is whole, or (None) will not be."""
        flight = self._flights.pop(key, None)
        if flight is not None and not flight.done():
            flight.set_result(clip)
        if clip is not None:
            self._remember(key, clip)

    async def keep(self, key: str, clip: Clip) -> None:
        """Put a clip into the store, for other gateways and the time after a restart."""
        if self.store is not None:
            await self.store.put(key, clip.to_bytes(), seconds=self.kept_seconds)

    @property
    def held_bytes(self) -> int:
        """What the clips in memory hold."""
        return self._bytes

    def _remember(self, key: str, clip: Clip) -> None:
        self._forget(key)
        self._clips[key] = (clip, self.clock() + self.kept_seconds)
        self._bytes += clip.frames.nbytes
        while self._bytes > self.most_bytes and self._clips:
            self._forget(next(iter(self._clips)))
            self.counts.evictions += 1

    def _forget(self, key: str) -> None:
        clip, _ = self._clips.pop(key, (None, 0.0))
        if clip is not None:
            self._bytes -= clip.frames.nbytes


class SpeechMaker:
    """One call's voice on one codec. Raises ProviderError where the voice does.

    What `recordings` hold, by the words they say, is not asked of the voice.
    """

    def __init__(
        self,
        tts: TextToSpeech,
        voice: Voice,
        codec: Codec,
        library: SpeechLibrary | None = None,
        recordings: Mapping[str, Recording] = MappingProxyType({}),
        spares: Spares | None = None,
    ) -> None:
        self._recordings = {plain(speakable(words)): said for words, said in recordings.items()}
        self._tts = tts
        self._voice = voice
        self._codec = codec
        self._library = library or SpeechLibrary()
        self._spares = spares or Spares(codec)
        self._sound = f"{tts.name}/{tts.settings_key}/{voice.name}/{voice.speed}"

    @property
    def language(self) -> str:
        return self._voice.language

    @property
    def codec(self) -> Codec:
        return self._codec

    @property
    def pace(self) -> float:
        """Seconds that a unit of `alignment.weight` takes this voice."""
        return self._library.pace(self._sound)

    def ready(self, text: str) -> Clip | None:
        """All of `text` as audio, if it can be had at once."""
        return self._library.ready(self._key(text))

    def spare(self, text: str) -> Clip | None:
        """`text`, or words to its effect in its language, without any voice; None: there are no
        such words."""
        return self._spares.find(text, self._voice.language)

    @property
    def last_resort(self) -> Clip:
        """An apology, in English if need be."""
        return self._spares.shipped()

    def keep_spare(self, text: str) -> None:
        """Keep `text` for the day when no voice speaks, if it is ready now. Writes a file."""
        if (clip := self._library.has(self._key(text))) is not None:
            self._spares.keep(text, self._voice.language, clip)

    async def speak(self, text: str) -> AsyncIterator[Clip]:
        """`text` as clips, the first as soon as the voice gives it."""
        if (recording := self._recorded(text)) is not None:
            async for read in self._read(recording, text):
                yield read
            return
        key = self._key(text)
        clip = self._library.ready(key) or await self._library.find(key)
        if clip is not None:
            yield clip
            return
        self._library.take_off(key)
        whole: Clip | None = None
        try:
            clips: list[Clip] = []
            making = _Making(text, self._voice, self._codec, self._library.level(self._sound))
            async with closing(making.clips(self._tts)) as made:
                async for clip in made:
                    clips.append(clip)
                    yield clip
            if clips and not making.by_stand_in:
                whole = joined(clips)
                self._learn_pace(text, whole)
        finally:
            self._library.land(key, whole)

    async def prepare(self, texts: Iterable[str]) -> None:
        """Have fixed phrases ready in memory and store before they are needed."""
        for text in texts:
            if not text or self.ready(text) is not None:
                continue
            async for _ in self.speak(text):
                pass
            clip = self._library.has(self._key(text))
            if clip is not None and self._recorded(text) is None:
                await self._library.keep(self._key(text), clip)

    def _recorded(self, text: str) -> Recording | None:
        return self._recordings.get(plain(text)) if self._recordings else None

    async def _read(self, recording: Recording, text: str) -> AsyncIterator[Clip]:
        """A recorded prompt; made wire-ready once."""
        key = self._key(text)
        if (ready := self._library.ready(key)) is not None:
            yield ready
            return
        self._library.take_off(key)
        whole: Clip | None = None
        try:
            clips: list[Clip] = []
            for piece in spoken(recording, self._codec, pause=pause_after(text)):
                clips.append(piece)
                yield piece
                # Other calls' frames come in between.
                await sleep(0)
            whole = joined(clips)
        finally:
            self._library.land(key, whole)

    def _learn_pace(self, text: str, clip: Clip) -> None:
        weight = spoken_weight(pieces(text, self._voice.language))
        audible = int(clip.voiced.sum())
        if weight and audible:
            pace = audible / FRAMES_PER_SECOND / weight
            self._library.learn_pace(self._sound, pace)

    def _key(self, text: str) -> str:
        recording = self._recorded(text)
        voice = (self._sound, self._voice.language)
        parts = (
            str(CLIP_VERSION),
            str(FRAMING_VERSION),
            *(voice if recording is None else ("recording", recording.digest)),
            self._codec.value,
            text if recording is None else plain(text),
        )
        return "speech:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


class _Making:
    """One text on its way from the voice. A stand-in may go on with it, in a format of its own;
    how loud the usual voice is says nothing about it."""

    def __init__(self, text: str, voice: Voice, codec: Codec, level: Level) -> None:
        self.by_stand_in = False
        self._text = text
        self._voice = voice
        self._codec = codec
        self._level = level

    async def clips(self, tts: TextToSpeech) -> AsyncIterator[Clip]:
        framer: Framer | None = None
        speaker: tuple[int, bool] | None = None
        spoken = normalise(self._text, self._voice.language)
        async with closing(tts.synthesize(spoken, self._voice)) as chunks:
            async for chunk in chunks:
                if framer is None or speaker != (chunk.format.rate, chunk.stand_in):
                    if framer is not None:
                        yield framer.finish()
                    speaker = (chunk.format.rate, chunk.stand_in)
                    framer = self._framer(chunk)
                clip = framer.push(decoded(chunk.audio, chunk.format), chunk.words)
                if len(clip) or clip.words:
                    yield clip
        if framer is not None:
            yield framer.finish()

    def _framer(self, chunk: SpeechChunk) -> Framer:
        """For the voice that speaks in `chunk`."""
        self.by_stand_in = self.by_stand_in or chunk.stand_in
        level = Level() if chunk.stand_in else self._level
        return Framer(self._codec, chunk.format.rate, level, pause=pause_after(self._text))


def pause_after(text: str) -> float:
    """The silence a listener expects behind `text`, in seconds."""
    return SENTENCE_PAUSE if text.rstrip(" \"'”’)»")[-1:] in _FINAL else CLAUSE_PAUSE
