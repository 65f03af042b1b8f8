"""Speech or silence of one caller, from a probability per frame, with hysteresis. Pure."""

from dataclasses import dataclass

FRAME_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ActivitySettings:
    """When a probability of speech is believed. Seconds are of voiced frames in a row."""

    onset_probability: float = 0.5
    release_probability: float = 0.35
    onset_seconds: float = 0.06
    release_seconds: float = 0.1
    """Shorter dips are part of the speech (plosives, the gaps of G.711 loss)."""


class Activity:
    """Feed `hear` with all frames of 20 ms; the attributes then tell how things stand.

    `speaking` from the moment an onset is believed until `release_seconds` of silence;
    `began` and `last_voiced` are the times of the first and last voiced frame of that speech,
    `pause_before` is the silence between it and the speech before, `voiced_seconds` counts all
    voice there ever was.
    """

    def __init__(self, settings: ActivitySettings | None = None) -> None:
        self._settings = settings or ActivitySettings()
        self.speaking = False
        self.began = 0.0
        self.last_voiced = 0.0
        self.pause_before = 0.0
        self.voiced_seconds = 0.0
        self._run = 0
        self._run_began = 0.0

    def hear(self, time: float, probability: float, frames: int = 1) -> bool:
        """Take so many `frames`, alike and the last at `time`; True when an onset is first believed
        with them."""
        if self.speaking:
            self._follow(time, probability, frames)
            return False
        return self._await_onset(time, probability, frames)

    def silence(self, time: float) -> float:
        """Seconds since the last voiced frame."""
        return max(0.0, time - self.last_voiced)

    def _follow(self, time: float, probability: float, frames: int) -> None:
        if probability >= self._settings.release_probability:
            self.last_voiced = time
            self.voiced_seconds += frames * FRAME_SECONDS
        elif self.silence(time) >= self._settings.release_seconds:
            self.speaking = False
            self._run = 0

    def _await_onset(self, time: float, probability: float, frames: int) -> bool:
        if probability < self._settings.onset_probability:
            self._run = 0
            return False
        if self._run == 0:
            self._run_began = time - (frames - 1) * FRAME_SECONDS
        self._run += frames
        if self._run * FRAME_SECONDS < self._settings.onset_seconds - 1e-9:
            return False
        self.speaking = True
        self.pause_before = self._run_began - self.last_voiced
        self.began, self.last_voiced = self._run_began, time
        self.voiced_seconds += self._run * FRAME_SECONDS
        return True
