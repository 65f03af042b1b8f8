"""Whether an English text has a verb, and so may be a whole sentence. Pure.

No tagger, only words in their place: enough to tell "My appointment" and "Next Tuesday" from
"My appointment is next Tuesday".
"""

from collections.abc import Sequence

from gateway.conversation.lexicon import words

AUXILIARIES = words(
    "am are be been can cannot could did do does gonna had has have he's here's how's is it's"
    " let's may might must shall she's should that's there's was were what's where's who's will"
    " would"
)
VERBS = words(
    "accept add agree allow arrive ask become begin believe belong bring buy carry choose come"
    " complain confirm consider continue cost cut decide deliver describe die disturb drink drive"
    " eat explain fall feel fill find finish fit follow forget get give go grow guess happen hear"
    " hold hope hurt include introduce invite join keep know learn leave let lie listen live lose"
    " love make mean meet miss move need open owe pay pick prefer prescribe press promise provide"
    " put read receive recommend remember remove renew rent repeat reply reschedule reset run save"
    " say see seem sell send sit sleep sound speak spell spend start stay stop suggest suit take"
    " talk teach tell thank think throw try understand use wait wake want wash wear win wish"
    " wonder write"
)
"""As they stand behind "to"."""
NOUNS_TOO = words(
    "answer appoint bill book break call cancel care change charge check claim close collect"
    " contact cover credit dial drop email enter exchange fax fix forward guide hang help hit"
    " insure like look mail message name notice number offer order park pass phone place plan play"
    " post question reach record refund register rest return ring share ship show sign stand"
    " support swap text transfer turn update visit walk watch work worry"
)
"""Verbs only behind one of `SUBJECTS`, or as in "Book a table"."""
SUBJECTS = words("i you we they he she it who that which to please not never just")
OBJECTS = words("a an the my your our his her their this that these those it me him us them back")
"""In front of these what may be a noun is none."""
PASTS = words(
    "ate became began bit bought broke brought came caught chose drank drove fell felt forgot"
    " fought found gave got grew heard held hid hung kept knew laid led left lent lost made meant"
    " met paid ran rang rose said sat saw sent shook slept sold spent spoke stole stood stuck swam"
    " taught thought threw told took tore understood went woke won wore wrote"
)
SHORT_FORMS = ("'m", "'re", "'ve", "'ll", "'d", "n't")


def has_verb(said: Sequence[str]) -> bool:
    """Whether one of the words `said` (lower case, without punctuation) is a verb with a subject,
    or tells somebody to do something."""
    return any(_is_verb(said, place) for place in range(len(said)))


def _is_verb(said: Sequence[str], place: int) -> bool:
    word = said[place]
    if word in AUXILIARIES or word in PASTS or word.endswith(SHORT_FORMS):
        return True
    bases = _bases(word)
    if not VERBS.isdisjoint(bases):
        return True
    if NOUNS_TOO.isdisjoint(bases):
        return False
    if word.endswith("ed") or (place and said[place - 1] in SUBJECTS):
        return True
    return place + 1 < len(said) and said[place + 1] in OBJECTS


def _bases(word: str) -> tuple[str, ...]:
    """What `word` may be a form of: "goes", "tries", "used", "stopped", "tried"."""
    ending = next((each for each in ("ed", "s") if word.endswith(each)), "")
    stem = word.removesuffix(ending)
    return (word, stem, stem + "e", stem.removesuffix("e"), stem[:-1], word[:-3] + "y")
