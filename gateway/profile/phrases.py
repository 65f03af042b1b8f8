"""What an agent says in fixed words."""

from collections.abc import Mapping

from pydantic import Field, ValidationInfo, field_validator

from gateway.profile.forms import Spoken, Table, placeholders

FILLED_IN: Mapping[str, str] = {
    "connecting": "person",
    "busy": "person",
    "no_answer": "person",
    "nobody_available": "person",
    "did_you_mean": "topic",
}
"""The name in braces that a phrase may have."""


class Phrases(Table):
    """What the agent says in its own words. The defaults are English."""

    did_not_understand: tuple[Spoken, ...] = Field(
        (
            "I'm sorry, I didn't get that. Could you say it in other words?",
            "I still don't understand, I'm sorry.",
        ),
        min_length=1,
    )
    """For each time in a row that the caller was not understood; the last one stays."""
    no_input: tuple[Spoken, ...] = Field(
        ("Are you still there?", "I can't hear you. Please call again. Goodbye."), min_length=2
    )
    """When the caller says nothing: the last of them ends the call."""
    still_there: Spoken = "Hello? I can't hear you very well."
    """When speech was heard but no words were understood."""
    welcome_back: Spoken = "Welcome back. We can go on where we stopped. How can I help you?"
    """Instead of the greeting, to a caller who comes back within `resume_seconds`."""
    fillers: tuple[Spoken, ...] = ("One moment.", "Let me see.")
    """When an answer takes long."""
    connecting: Spoken = "One moment please, I'm connecting you to {person}."
    """Before a transfer; {person} is the description of who is called."""
    busy: Spoken = "I'm sorry, {person} is on another call right now."
    """When whoever was called is busy."""
    no_answer: Spoken = "I'm sorry, nobody is answering at {person} right now."
    """When it rang to the end."""
    nobody_available: Spoken = "I'm sorry, I can't reach {person} at the moment."
    """When a transfer fails for another reason."""
    alternatives: Spoken = "Shall I try again, or is there something else I can help you with?"
    """After a transfer that failed."""
    apology: Spoken = "I'm sorry, something went wrong on my side."
    """When a part of the agent fails."""
    limit_reached: Spoken = "I'm sorry, I can't go on with our conversation."
    """When the call may cost no more; a person is called, or the goodbye follows."""
    sorry: Spoken = "I'm sorry, I didn't get that."
    """Before a question is asked again."""
    did_you_mean: Spoken = "Do you want to know about {topic}?"
    """When the caller may have asked about a topic; {topic} is its title."""
    how_can_i_help: Spoken = "How can I help you?"
    """After "hello"."""
    go_on: Spoken = "What would you like to know?"
    """After a yes to "anything else?"."""
    take_your_time: Spoken = "Take your time."
    """After "one moment"."""
    welcome: Spoken = "You're welcome."
    """After "thank you"."""
    anything_else: Spoken = "Is there anything else I can help you with?"
    """After small talk, and after what was cancelled."""
    help: Spoken = "Just ask me your question, or say that you'd like to speak to a person."
    """After "help"."""
    nothing_to_repeat: Spoken = "I haven't said anything yet."
    """When there is nothing to say again."""
    yes_or_no: Spoken = "Please say yes or no."
    """When a confirmation was answered with something else."""
    what_to_change: Spoken = "All right, what should I change?"
    """After a no to a confirmation."""
    cancelled: Spoken = "All right, never mind then."
    """After "never mind"."""
    no_person: Spoken = "I'm sorry, there is nobody I can connect you to."
    """When a person is wanted and the agent may call none."""

    language_changed: Spoken = "Certainly, let's speak English."
    """The first words in a language that the caller asked for."""
    language_not_spoken: Spoken = "I'm sorry, I don't speak that language."
    """When the caller asks for a language that the agent does not have."""
    somebody: Spoken = "one of my colleagues"
    """Whom callers are connected to, in a language that has no name for the person."""

    @field_validator("*")
    @classmethod
    def _fills_in_what_it_knows(cls, phrase: str | tuple[str, ...], info: ValidationInfo) -> object:
        known = FILLED_IN.get(info.field_name or "", "")
        for template in (phrase,) if isinstance(phrase, str) else phrase:
            for name in placeholders(template):
                if name != known:
                    fills = f"only {{{known}}} is" if known else "nothing is"
                    raise ValueError(f"{{{name}}} is unknown here; {fills} filled in")
        return phrase
