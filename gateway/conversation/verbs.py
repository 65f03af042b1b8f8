"""Whether a text has a verb, and so may be a whole sentence. Pure.

No tagger, only words in their place: enough to tell "My appointment" and "Next Tuesday" from
"My appointment is next Tuesday".
"""

from collections.abc import Sequence

from gateway.conversation.grammar import Verbs


def has_verb(said: Sequence[str], verbs: Verbs) -> bool:
    """Whether one of the words `said` is a verb with a subject, or tells somebody to do
    something. Many words are taken to have one that is not known."""
    if not verbs.forms.isdisjoint(said):
        return True
    if verbs.longest_without is not None and len(said) > verbs.longest_without:
        return True
    return any(_is_verb(said, place, verbs) for place in range(len(said)))


def clause_has_verb(clause: Sequence[str], verbs: Verbs) -> bool:
    """Whether a clause that somebody has begun holds a word that can be its verb."""
    if any(
        is_verb_form(word, verbs) or not verbs.nouns_too.isdisjoint(verbs.bases(word))
        for word in clause
    ):
        return True
    return clause[-1] not in verbs.others and clause[-1].endswith(verbs.final_endings)


def can_be_infinitive(word: str, verbs: Verbs) -> bool:
    """Whether `word` may be what a modal verb wants."""
    return word not in verbs.others and word.endswith(verbs.infinitive_endings)


def _is_verb(said: Sequence[str], place: int, verbs: Verbs) -> bool:
    word = said[place]
    if is_verb_form(word, verbs) or _is_implied(said, place, verbs):
        return True
    if verbs.nouns_too.isdisjoint(verbs.bases(word)):
        return False
    if word.endswith(verbs.verbal_endings) or (place and said[place - 1] in verbs.subjects):
        return True
    return place + 1 < len(said) and said[place + 1] in verbs.objects


def is_verb_form(word: str, verbs: Verbs) -> bool:
    """Whether `word` is a verb wherever it stands."""
    if word in verbs.forms or word.endswith(verbs.short_forms):
        return True
    if not verbs.stems.isdisjoint(verbs.bases(word)):
        return True
    return word.endswith(verbs.endings) and word not in verbs.others


def _is_implied(said: Sequence[str], place: int, verbs: Verbs) -> bool:
    """Behind a pronoun that only verbs follow."""
    return (
        place > 0
        and said[place - 1] in verbs.implied_behind
        and said[place] not in verbs.not_implied
    )
