"""The grammars of the languages that turn-taking knows.

One module each, of one shape; a language that has none is judged by punctuation and length.
"""

from collections.abc import Mapping

from gateway.conversation.grammar import Grammar
from gateway.conversation.grammars import chinese, english, french, german, portuguese, spanish
from gateway.languages import spoken_language

ENGLISH = "en"
GRAMMARS: Mapping[str, Grammar] = {
    "de": german.GRAMMAR,
    "en": english.GRAMMAR,
    "es": spanish.GRAMMAR,
    "fr": french.GRAMMAR,
    "pt": portuguese.GRAMMAR,
    "zh": chinese.GRAMMAR,
}
"""By base language."""
_UNKNOWN = Grammar()


def grammar_of(language: str) -> Grammar:
    """The grammar of a language (BCP 47); one that knows no words for others."""
    return GRAMMARS.get(language) or GRAMMARS.get(spoken_language(language), _UNKNOWN)
