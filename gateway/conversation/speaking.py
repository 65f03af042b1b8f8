"""What the agent says on one leg: paced by the ear, reversible, and accounted for to the frame."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.conversation.clip import Clip
from gateway.conversation.echo import SILENT
from gateway.conversation.mouth import Mouth, Tick
from gateway.conversation.speech import SpeechMaker
from gateway.conversation.utterance import Clause, Utterance
from gateway.errors import ProviderError
from gateway.providers.streams import closing

FRAMES_AT_ONCE = 25
"""The mouth is filled up in steps of so many: it holds several of them."""
CLIPS_AHEAD = 1
"""Clips of a clause that may wait for room in the mouth; then the voice waits."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """Somebody who waits for `condition`."""

    condition: Callable[[], bool]
    future: asyncio.Future[None]

    def look(self) -> None:
        """Wake whoever it is when the condition holds."""
        if not self.future.done() and self.condition():
            self.future.set_result(None)


class Speaking:
    """One voice on one mouth: nothing here ever plays two things at once.

    `on_tick` comes from the leg; everything else is called by the conversation.
    `played` and `time` are what the last tick said, `time` counted from `epoch`.
    """

    def __init__(self, mouth: Mouth, maker: SpeechMaker, *, epoch: float) -> None:
        self._epoch = epoch
        self._mouth = mouth
        self._maker = maker
        self._one_voice = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self._accepted = 0
        self._flushes_wanted = 0
        self._flushes_done = 0
        self._cutting: list[Utterance] = []
        self._levels: deque[int] = deque()
        """Of the frames that the mouth has accepted and that have not left yet."""
        self.levels: Sequence[float] = ()
        """Of ours that left in the frames of the last tick; SILENT where none did."""
        self.played = 0
        self.time = 0.0
        self.last_left = 0.0
        """When the last of ours left, as ticks tell it; counted like `time`."""
        self.held = False
        self._voice_failed = False
        self.utterance = Utterance()

    def __repr__(self) -> str:
        return f"<Speaking {self.played} of {self._accepted} frames played>"

    def speak_as(self, maker: SpeechMaker) -> None:
        """What is said from now on is said by another voice."""
        self._maker = maker

    @property
    def audible(self) -> bool:
        """Whether there is something of ours that the caller has not heard yet."""
        return self._accepted > self.played

    @property
    def accepted(self) -> int:
        """How many frames of ours the mouth has taken so far; counted like `played`."""
        return self._accepted

    @property
    def ahead(self) -> int:
        """How many of them have not left yet."""
        return self._accepted - self.played

    # --- the leg's clock ---

    def on_tick(self, tick: Tick) -> None:
        """Take note of what has left, and let those go on who wait for it."""
        self.levels = self._levels_of(tick.played - self.played, frames=tick.frames)
        self.time = tick.time - self._epoch
        if tick.played != self.played:
            self.played, self.last_left = tick.played, self.time
        self.utterance.on_played(self.played, self.time)
        for utterance in self._cutting:
            utterance.on_played(self.played, self.time)
        if not self._settled and tick.flushes >= self._flushes_wanted:
            self._accepted = self.played
            self._levels.clear()
            for utterance in self._cutting:
                utterance.freeze()
            self._cutting.clear()
        self._flushes_done = tick.flushes
        if self._waiting:
            for waiting in self._waiting:
                waiting.look()

    def _levels_of(self, left: int, *, frames: int) -> Sequence[float]:
        """A level for each of the last `frames`, in which the next `left` of ours have left: in
        the last ones, and two in one where a talkspurt began at once."""
        levels = [float(self._levels.popleft()) for _ in range(min(left, len(self._levels)))]
        if (more := len(levels) - frames) > 0:
            levels[: more + 1] = [max(levels[: more + 1])]
        return [SILENT] * (frames - len(levels)) + levels

    async def until(self, condition: Callable[[], bool], *, after: float = 0.0) -> None:
        """Wait for a tick after which `condition` holds; at once if it does already.

        It is looked at in every tick, and when `after` seconds have passed, without waking who
        waits before it holds.
        """
        loop = asyncio.get_running_loop()
        if after > 0.0:
            after += loop.time()
        while not condition():
            waiting = _Waiting(condition, loop.create_future())
            self._waiting.append(waiting)
            look = loop.call_at(after, waiting.look) if after > loop.time() else None
            try:
                await waiting.future
            finally:
                self._waiting.remove(waiting)
                if look is not None:
                    look.cancel()

    # --- saying ---

    def spare_for(self, text: str) -> Clip | None:
        """What to play instead of `text` where it is not ready and the voice has failed before:
        to ask it again would be silence."""
        if not self._voice_failed or self._maker.ready(text) is not None:
            return None
        return self._maker.spare(text)

    @property
    def last_resort(self) -> Clip:
        """An apology that needs no voice."""
        return self._maker.last_resort

    def begin(self, utterance: Utterance) -> None:
        """What is said from now on is `utterance`. All before it has been heard or cut."""
        self.utterance = utterance

    async def say(
        self,
        utterance: Utterance,
        text: str,
        *,
        part: int | None = 0,
        certain: asyncio.Event | None = None,
        made: Callable[[], None] | None = None,
        unless: Callable[[], bool] | None = None,
    ) -> None:
        """Say `text` after all that was said before; returns when the mouth has taken it.

        `part` is None for what is not to be remembered; `made` is called with the first audio.
        Its audio is made at once; nothing of it leaves before `certain` is set, or if it turns out
        then that `unless` holds. An utterance that was cut takes no more. Raises ProviderError, in
        a group, where the voice fails.
        """
        maker = self._maker
        clause = Clause(text, maker.language, part=part, pace=maker.pace)
        clips: asyncio.Queue[Clip | None] = asyncio.Queue(CLIPS_AHEAD)
        async with asyncio.TaskGroup() as tasks:
            making = tasks.create_task(self._make(maker, clause, clips))
            clip = await clips.get()
            if made is not None:
                made()
            if certain is not None:
                await certain.wait()
            async with self._one_voice:
                if unless is not None and unless():
                    clip = None
                else:
                    utterance.clauses.append(clause)
                while clip is not None and not utterance.cut:
                    await self._play(utterance, clause, clip)
                    clip = await clips.get()
            making.cancel()

    async def play(self, utterance: Utterance, clip: Clip) -> None:
        """Play what is no text (ringing, music) after all that was said before."""
        async with self._one_voice:
            clause = utterance.clauses[-1] if utterance.clauses else None
            if clause is None or clause.text:
                clause = Clause("", self._maker.language, part=None, pace=1.0)
                utterance.clauses.append(clause)
            await self._play(utterance, clause, clip)

    async def drained(self) -> None:
        """Wait until all that was said has been heard, or dropped."""
        await self.until(lambda: self._settled and not self.audible)

    async def _make(
        self, maker: SpeechMaker, clause: Clause, clips: "asyncio.Queue[Clip | None]"
    ) -> None:
        try:
            async with closing(maker.speak(clause.text)) as stream:
                async for clip in stream:
                    clause.learn(clip)
                    await clips.put(clip)
        except ProviderError:
            self._voice_failed = True
            raise
        clause.complete = True
        await clips.put(None)

    async def _play(self, utterance: Utterance, clause: Clause, clip: Clip) -> None:
        done = 0
        while done < len(clip):
            await self._room(utterance, min(len(clip) - done, FRAMES_AT_ONCE))
            if utterance.cut:
                return
            part = clip.part(done, done + self._mouth.room)
            self._accepted = self._mouth.play(part.frames)
            self._levels.extend(part.levels.tolist())
            done += len(part)
            if clause.begins is None:
                clause.begins = self._accepted - len(part)

    async def _room(self, utterance: Utterance, frames: int) -> None:
        """Wait until so many frames can be played, or nothing is left to be heard, or the
        utterance is cut."""

        def is_there() -> bool:
            if utterance.cut:
                return True
            room = self._mouth.room
            return self._settled and room > 0 and (room >= frames or not self.audible)

        await self.until(is_there)

    # --- holding and cutting ---

    def hold(self) -> None:
        """Fall silent on the next frame, so that `resume` can go on where it was."""
        if not self.held:
            self.held = True
            self._mouth.pause()

    def resume(self) -> None:
        if self.held:
            self.held = False
            self._mouth.resume()

    def cut(self) -> None:
        """Drop all that has not left yet. The utterance in work takes no more."""
        self.utterance.cut = True
        self._cutting.append(self.utterance)
        self._flushes_wanted += 1
        self._mouth.flush()
        self.resume()

    async def settled(self) -> None:
        """Wait until it is known what had been heard when `cut` took effect."""
        await self.until(lambda: self._settled)

    @property
    def _settled(self) -> bool:
        return self._flushes_done >= self._flushes_wanted
