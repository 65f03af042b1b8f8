"""What callers of a clinic say, by the embedded voice in one breath, with a pause cut into it.

Nothing in the sound tells that the speaker will stop: it is the hardest case. Many of the
sentences could be over at the pause ("Can you send it … by mail?"), and nobody could tell.
"""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import soxr

from gateway.demo.talkspurts import Samples, talkspurts
from gateway.lab.sound import TELEPHONE_RATE
from gateway.providers.hibari import MODEL, RATE, VOICE
from gateway.providers.weights import verified
from tests.benchmarks.hesitations import PAUSES
from tests.benchmarks.word_times import WordTimes

SENTENCES = (
    "I'd like to make an appointment | for my daughter.",
    "My name is John | Carpenter.",
    "I was there last week | and I forgot my jacket.",
    "Could you tell me | when you open on Saturday?",
    "The reason I'm calling | is my prescription.",
    "I have a question | about the bill you sent me.",
    "My appointment | is on Thursday at ten.",
    "I need to cancel | my appointment for tomorrow.",
    "Do you have anything | in the afternoon?",
    "Is it possible | to come without an appointment?",
    "I think it was the third | of November.",
    "Next Tuesday | would be fine.",
    "My phone number | is five five five zero one two nine.",
    "The letter says | I should bring my card.",
    "I'm calling for my mother | because she cannot speak English.",
    "Can I bring | my dog?",
    "How long | does it usually take?",
    "I live on Maple Street | number forty two.",
    "Well | I don't know.",
    "The doctor | told me to call again.",
    "Are you open | on Christmas day?",
    "My insurance | has changed.",
    "I hurt my knee | playing football.",
    "I wanted to ask | if the results are there.",
    "It's about the invoice | from last month.",
    "The pain started | two days ago.",
    "Is the parking | free?",
    "I'd rather come | in the morning.",
    "Yesterday | I got a letter from you.",
    "A friend of mine | said you are very good.",
    "I take two pills | every morning.",
    "The first name is Anna | with two ns.",
    "Please call me back | after six.",
    "I'm not sure | whether I need a doctor.",
    "Our house | is right behind the station.",
    "What happens | if I come late?",
    "I lost | my card.",
    "Somebody called me | from this number.",
    "Can you send it | by mail?",
    "My son | has a fever and a cough.",
)
HELD_OUT = (
    "I would like to see a dentist | on Friday if possible.",
    "The last time I came | the door was locked.",
    "Her birthday | is the ninth of May.",
    "We moved to another town | so I need my files.",
    "Do I need | a referral for that?",
    "I paid the bill | two weeks ago.",
    "The nurse | asked me to bring the old pictures.",
    "Can my husband | pick up the papers?",
    "I cannot hear | on my left side.",
    "Wednesday | at half past three would work.",
    "I'm allergic | to penicillin.",
    "It hurts | when I walk.",
    "Is there a doctor | who speaks Spanish?",
    "My account number | is four four one eight two.",
    "I booked it | on your website.",
    "The address has changed | to twelve River Road.",
    "I don't remember | the exact date.",
    "Where do I park | when the yard is full?",
    "Your colleague | promised to call me.",
    "I want to change my appointment | from Monday to Friday.",
)
"""Only counted."""
LOUDEST = 0.4
FADE = TELEPHONE_RATE // 100


def running_speech() -> Iterator[tuple[str, Samples]]:
    """Each sentence with its sound at 8 kHz."""
    # Reason for the late import: it takes half a second, and other parts do not need it.
    import hibari

    voice = hibari.Hibari(voice=VOICE, model=str(verified(MODEL)), threads=1)
    times, pauses = WordTimes(), cycle(PAUSES)
    for sentence in SENTENCES + HELD_OUT:
        first, second = (part.strip() for part in sentence.split("|"))
        whole = f"{first} {second}"
        said = _levelled(
            np.concatenate([voice.from_phonemes(each, 1.0, 0) for each in voice.phonemize(whole)])
        )
        word = len(first.split())
        spoken = times.of(whole, said)
        cut = round((spoken[word - 1].end + spoken[word].begin) / 2 * TELEPHONE_RATE)
        pause = np.zeros(round(next(pauses) * TELEPHONE_RATE), np.float32)
        yield sentence, np.concatenate((_faded(said[:cut]), pause, _faded(said[cut:][::-1])[::-1]))


def _levelled(sound: Samples) -> Samples:
    narrow: Samples = soxr.resample(sound, RATE, TELEPHONE_RATE)
    narrow *= np.float32(LOUDEST / np.abs(narrow).max())
    spans = talkspurts(narrow, pause=0.1)
    return narrow[round(spans[0].start * TELEPHONE_RATE) : round(spans[-1].end * TELEPHONE_RATE)]


def _faded(sound: Samples) -> Samples:
    gain: Samples = np.ones(len(sound), np.float32)
    gain[-FADE:] = np.linspace(1, 0, FADE, dtype=np.float32)
    faded: Samples = sound * gain
    return faded
