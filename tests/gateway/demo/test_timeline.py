from pathlib import Path

import numpy as np
from matplotlib.image import imread

from gateway.demo.story import Speaker, Story, Transfer, Turn
from gateway.demo.talkspurts import RATE, Samples
from gateway.demo.timeline import COLOURS, draw

TURNS = (
    Turn(Speaker.AGENT, 0.5, 2.0, "Hello, this is the clinic."),
    Turn(Speaker.CALLER, 3.0, 4.0, "When are you open?"),
    Turn(Speaker.AGENT, 4.6, 6.0, "We are open on Monday.", 0.6),
    Turn(Speaker.PERSON, 9.0, 10.0, "Front desk."),
)
STORY = Story("100", "clinic", TURNS, Transfer("1001", 6.5, 8.5), 11.0, "the caller hung up")


def line(*speakers: Speaker) -> Samples:
    samples = np.zeros(11 * RATE, np.float32)
    for turn in TURNS:
        if turn.speaker in speakers:
            samples[round(turn.start * RATE) : round(turn.end * RATE)] = 0.2
    return samples


def pixels_of(speaker: Speaker, picture: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> int:
    colour = np.array([int(COLOURS[speaker][i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return int((np.abs(picture[..., :3] - colour).max(axis=-1) < 0.12).sum())


def test_every_voice_is_drawn_in_its_colour(tmp_path: Path) -> None:
    path = tmp_path / "timeline.png"
    draw(STORY, line(Speaker.CALLER), line(Speaker.AGENT, Speaker.PERSON), path)
    picture = np.asarray(imread(path), np.float32)
    for speaker in Speaker:
        assert pixels_of(speaker, picture) > 2000


def test_a_silent_line_can_be_drawn_too(tmp_path: Path) -> None:
    path = tmp_path / "timeline.png"
    draw(STORY, line(), line(), path)
    picture = np.asarray(imread(path), np.float32)
    assert pixels_of(Speaker.CALLER, picture) < 2000
