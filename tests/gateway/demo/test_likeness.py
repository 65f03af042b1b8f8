import numpy as np

from gateway.demo.likeness import Samples, likeness
from rtp.g711 import decode_mulaw, encode_mulaw

RANDOM = np.random.default_rng(7)


def noise(samples: int, level: float = 0.1) -> Samples:
    return (level * RANDOM.standard_normal(samples)).astype(np.float32)


def test_a_sound_is_found_where_it_is_through_a_telephone() -> None:
    sound = noise(8000)
    line = np.concatenate([noise(5000, 0.001), 0.5 * sound, noise(3000)]).astype(np.float32)
    heard = decode_mulaw(encode_mulaw(line))
    assert likeness(heard, sound) > 0.95


def test_another_sound_is_not_found() -> None:
    assert likeness(noise(40000), noise(8000)) < 0.1


def test_silence_is_like_nothing() -> None:
    assert likeness(np.zeros(20000, np.float32), noise(8000)) == 0.0
    assert likeness(noise(20000), np.zeros(8000, np.float32)) == 0.0


def test_of_a_sound_with_a_hole_the_longer_part_counts() -> None:
    sound = noise(8000)
    torn = np.concatenate([noise(2000), sound[:6000], sound[6800:], noise(2000)])
    assert 0.7 < likeness(torn, sound) < 0.8


def test_a_recording_shorter_than_the_sound_does_not_hold_it() -> None:
    sound = noise(8000)
    assert likeness(sound[:4000], sound) == 0.0
