"""What every cloud language model is told besides the profile's own briefing."""

from gateway.providers.base import ModelRequest

SPOKEN = (
    "You are on the telephone: everything you write is spoken to the caller at once. Answer in"
    " one to three short sentences of plain speech in the language {language}, without lists,"
    " Markdown or emoji. An earlier answer of yours that ends in … was interrupted there: the"
    " caller heard no more of it."
)
CALL_BEGINS = "(The caller is connected.)"
"""Stands before an answer of ours that opened the call: models expect the other side to begin."""
SILENCE = "(The caller says nothing.)"
"""Stands where a model is asked although nobody spoke after its last answer."""


def instructions_of(request: ModelRequest) -> str:
    """The instructions of one call; the same text in all its turns, so that it can be cached."""
    return f"{request.instructions}\n\n{SPOKEN.format(language=request.language)}".strip()
