"""Parts of a few lines each: keys, patience, phrases in turn, tones."""

from itertools import pairwise

import numpy as np
import pytest

from gateway.conversation.keys import MOST_DIGITS, KeyEntry
from gateway.conversation.masking import Mask, asks_for_secret
from gateway.conversation.tones import TYPING_SECONDS, ringing, sound, typing
from gateway.conversation.waiting import (
    Patience,
    Remedy,
    Rotation,
    Wait,
    quiet_from,
    remedy,
)


def test_keys_end_with_the_terminator_or_when_there_are_enough() -> None:
    entry = KeyEntry("#")
    assert [entry.press(key, 1.0) for key in "42#"] == [False, False, True]
    assert entry.take() == "42"
    assert entry.take() == ""
    assert [entry.press("1", 1.0) for _ in range(MOST_DIGITS)][-1]


def test_keyed_digits_do_not_show_in_a_log() -> None:
    entry = KeyEntry()
    entry.press("7", 1.0)
    assert "7" not in repr(entry)


PATIENCE = Patience(first_filler=1.0, next_filler=5.0, working=0.5, longest=20.0)


@pytest.mark.parametrize(
    ("waited", "since_filler", "quiet", "due"),
    [
        (0.9, None, 0.9, None),
        (1.0, None, 1.0, Remedy.FILLER),
        (9.0, None, 0.2, None),
        (1.6, 0.3, 0.3, None),
        (2.0, 0.7, 0.5, Remedy.WORKING),
        (6.2, 5.0, 0.0, Remedy.FILLER),
        (20.0, 3.0, 0.0, Remedy.GIVE_UP),
    ],
)
def test_what_a_caller_hears_who_waits(
    waited: float, since_filler: float | None, quiet: float, due: Remedy | None
) -> None:
    assert remedy(Wait(waited, since_filler, quiet), PATIENCE) is due


@pytest.mark.parametrize(
    ("sound", "ours", "quiet"),
    [
        (None, 9.9, 0.0),  # nobody knows: the wait begins now
        (9.8, 5.0, 0.2),
        (9.6, 5.0, 0.4),
        (9.6, 9.7, 0.3),
        (8.0, 5.0, 0.4),  # the answer has its moment, however late it was begun
        (10.1, 5.0, 0.0),
    ],
)
def test_quiet_counts_from_the_last_sound(sound: float | None, ours: float, quiet: float) -> None:
    since = quiet_from(sound, ours=ours, now=10.0, patience=PATIENCE)
    assert 10.0 - since == pytest.approx(quiet)


def test_a_short_patience_is_not_made_longer() -> None:
    patience = Patience(first_filler=0.3)
    assert quiet_from(9.0, ours=5.0, now=10.0, patience=patience) == 10.0


def test_no_phrase_twice_in_a_row() -> None:
    rotation = Rotation(("a", "b", "c"))
    said = [rotation.next() for _ in range(20)]
    assert all(one != other for one, other in pairwise(said))
    assert Rotation(()).next() is None


@pytest.mark.parametrize(
    ("language", "period"), [("en-US", 6.0), ("en-GB", 3.0), ("de-DE", 5.0), ("fr", 5.0)]
)
def test_a_phone_rings_as_at_home(language: str, period: float) -> None:
    samples = sound(ringing(language), 8000)
    assert len(samples) / 8000 == pytest.approx(period)
    assert 0.01 < float(np.abs(samples).max()) < 0.3
    assert abs(float(samples[0])) < 0.001


def test_typing_is_soft_and_loops_without_a_click() -> None:
    samples = typing(8000)
    assert len(samples) == round(TYPING_SECONDS * 8000)
    assert 0.005 < float(np.abs(samples).max()) < 0.1
    assert abs(float(samples[0])) < 0.01
    assert abs(float(samples[-1])) < 0.001


def test_a_secret_is_hidden_wherever_it_stands() -> None:
    mask = Mask()
    mask.learn("4711")
    mask.learn("")
    assert mask.hide("PIN 4711!") == "PIN ••••!"
    assert mask.hide_in({"a": ["x4711", 5, None], "b": {"c": "47"}}) == {
        "a": ["x••••", 5, None],
        "b": {"c": "47"},
    }
    assert "4711" not in repr(mask)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Please key in your PIN.", True),
        ("What is your credit card number?", True),
        ("What is your order number?", False),
    ],
)
def test_what_is_a_secret(text: str, secret: bool) -> None:  # noqa: FBT001 - a table
    assert asks_for_secret(text) is secret
