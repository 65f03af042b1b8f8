"""What English words say by themselves: yes, no, goodbye, a person please. Pure.

Rules for short, fixed things people say on the phone; meaning beyond that is `local_agent_index`.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

_NOT_A_WORD = re.compile(r"[^\w'\s]")
_FILLERS = r"(?:um+|uh+|er+|erm|hm+|mm+|well|so|oh|ah|like|you know|okay so|right so|alright)"
_LEADING_FILLERS = re.compile(rf"^(?:{_FILLERS}\b\s*)+")


def plain(text: str) -> str:
    """Lower case, no punctuation, single spaces, no filler words at the beginning."""
    words = " ".join(_NOT_A_WORD.sub(" ", text.replace("’", "'").lower()).split())
    return _LEADING_FILLERS.sub("", words) or words


class Act(StrEnum):
    """What a caller can do with words besides asking for a topic or an intent."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    REPEAT = "repeat"
    HELP = "help"
    PERSON = "person"
    CANCEL = "cancel"
    WAIT = "wait"
    YES = "yes"
    NO = "no"


EXAMPLES: Mapping[Act, tuple[str, ...]] = {
    Act.GREETING: ("Hello", "Hi there", "Good morning", "Hello, can you hear me?"),
    Act.THANKS: ("Thank you", "Thanks a lot", "That's very kind of you", "Great, thank you"),
    Act.GOODBYE: ("Goodbye", "That's all, thank you", "Okay bye", "You can hang up now",
                  "That's everything, thanks", "I have no more questions"),
    Act.REPEAT: ("Can you repeat that?", "Sorry, what did you say?", "Say that again",
                 "I didn't hear you", "Come again?", "Pardon?"),
    Act.HELP: ("Help", "What can I ask you?", "What are my options?", "Main menu",
               "How does this work?"),
    Act.PERSON: ("I want to speak to a human", "Let me talk to an agent", "Operator please",
                 "Transfer me to a representative", "I'd like to speak to a real person",
                 "I don't want to talk to a robot", "Connect me to somebody", "Give me a person",
                 "Can I speak to someone?"),
    Act.CANCEL: ("Never mind", "Forget it", "Stop, I don't want that anymore"),
    Act.WAIT: ("Hold on", "One moment please", "Wait a second", "Let me think"),
    Act.YES: ("Yes", "Yeah sure", "That's right", "Yes please"),
    Act.NO: ("No", "Nope", "That's wrong", "No thanks"),
}  # fmt: skip
"""Ways to say them, for what the rules do not know by the letter."""

_POLITE = (
    r"(?:please|thanks|thank you|then|now|so much|very much|a lot|again|sir|ma'am|bye|okay|ok)"
)
_YES = (
    r"(?:yes|yeah|yea|yep|yup|yah|sure|correct|right|exactly|okay|ok|alright|all right|fine|"
    r"of course|absolutely|definitely|certainly|please do|go ahead|do it|do that|sounds good|"
    r"perfect|great|mm hmm|mhm|uh huh|i do|i would|it is|that is|you are|"
    r"that's (?:right|correct|fine|it|good|okay|ok|great|perfect|true)|i think so|why not|"
    r"that works|works for me|no problem|yes it is|i agree|please)"
)
_NO = (
    r"(?:no|nope|nah|not (?:really|quite|right|correct|at all|now|today|yet|that)|wrong|incorrect|"
    r"don't|i don't (?:think so|want (?:that|to))|that's (?:wrong|not (?:right|correct|it|true))|"
    r"that is (?:wrong|not (?:right|correct|it))|it's not|it isn't|never|negative|neither|"
    r"i'd rather not|i do not)"
)
_STARTS_YES = re.compile(rf"^{_YES}\b")
_STARTS_NO = re.compile(rf"^{_NO}\b(?! problem)")
_BUT_NO = re.compile(r"\b(?:but no|no wait|not (?:right|correct)|wrong)\b")

_WHOLE: Mapping[Act, str] = {
    Act.GOODBYE: (
        r"(?:(?:good ?bye|bye|bye bye|see you(?: later)?|have a (?:nice|good|great) \w+|hang up)"
        r"|(?:no )?(?:that's|that is|that was|that will be|that'll be) "
        r"(?:all|it|everything)(?: (?:for (?:now|today)|i (?:need|needed|wanted)(?: to know)?))?"
        r"|(?:no )?nothing (?:else|more)|i'm (?:all )?(?:done|good|fine)|no i'm (?:good|fine)"
        r"|i have no (?:more|other|further) questions|no more questions)"
    ),
    Act.THANKS: r"(?:thanks|thank you|many thanks|cheers|i appreciate (?:it|that)|that helps)",
    Act.REPEAT: (
        r"(?:(?:(?:can|could|would) you )?(?:please )?(?:repeat|say) (?:that|it|this)(?: again)?"
        r"|(?:sorry )?what|pardon(?: me)?|come again|excuse me|sorry|again|say again|once more"
        r"|i (?:didn't|did not|can't|couldn't) (?:hear|get|catch|understand) (?:you|that|it)"
        r"|(?:sorry )?what (?:did|was) (?:you say|that)|(?:can|could) you repeat)"
    ),
    Act.CANCEL: (
        r"(?:never ?mind|forget (?:it|that|about it)|cancel(?: that| it)?|stop(?: it| that)?"
        r"|(?:i )?(?:don't|do not) want (?:that|this|to)(?: anymore| any more)?"
        r"|i('ve| have)? changed my mind|start over|go back)"
    ),
    Act.WAIT: (
        r"(?:hold on|hang on|wait|(?:just )?(?:one|a) (?:moment|second|minute|sec)"
        r"|(?:wait|hold on|hang on|give me|just) (?:a|one) (?:moment|second|minute|sec)"
        r"|let me (?:think|see|check|look))"
    ),
    Act.HELP: r"(?:help|help me|menu|main menu|what can (?:you do|i say|i ask)(?: you)?|options)",
    Act.GREETING: (
        r"(?:hello|hi|hey|hi there|hello there|good (?:morning|afternoon|evening)|are you there"
        r"|is (?:anybody|anyone|somebody|someone) there|can you hear me)"
    ),
}  # fmt: skip
_WHOLE_PATTERNS = {
    act: re.compile(rf"^(?:{_POLITE}\b\s*)*(?:{pattern}\b\s*)+(?:{_POLITE}\b\s*)*$")
    for act, pattern in _WHOLE.items()
}

_SOMEBODY = (
    r"(?:(?:a|an|the|your|some|another|any)\s+)?(?:real |actual |live |human |different )*"
    r"(?:person|human(?: being)?|agent|representative|rep|operator|receptionist|somebody|someone"
    r"|anybody|anyone|(?:member of )?(?:the |your )?(?:staff|team)(?: member)?|employee|colleague"
    r"|manager|supervisor|attendant)"
)
_REACH = (
    r"(?:speak|talk|chat|connect(?: me)?|transfer(?: me)?|put me through|pass me|get|give me|reach"
    r"|hand me over|switch me|let me have|i (?:want|need))"
)
_PERSON = re.compile(
    rf"\b{_REACH}\b(?:\s+(?:to|with|on to|over to|me|through))*\s+{_SOMEBODY}\b"
    rf"|^(?:(?:a|an|the)\s+)?{_SOMEBODY}(?:\s+please)?$"
    r"|\breal person\b|\bhuman being\b|\bactual human\b"
    r"|\b(?:not|no|hate|don't (?:want|like)) .{0,24}\b(?:robots?|machines?|computers?|bots?)\b"
)
_TRANSFER = re.compile(
    r"\b(?:transfer|connect|put me through|pass me|speak (?:to|with)|talk (?:to|with)|reach)\b"
)
_CORRECTION = re.compile(
    r"^(?:no\b|not\b|nope\b|actually|sorry|wait|i mean(?:t)?|i said|rather|make (?:it|that)|"
    r"change (?:it|that)|correction|oh no|my mistake|wrong\b|that's wrong)"
)
_QUESTION_WORDS = re.compile(
    r"^(?:what|when|where|which|who|whose|why|how|do|does|did|is|are|can|could|will|would|should|"
    r"may|have|has|was|were|am)\b"
)
LONGEST_ELLIPSIS = 6
_ELLIPSIS = re.compile(r"^(?:and|what about|how about|and what about|also)\b")


def act_of(text: str) -> Act | None:
    """The act, if the whole of `text` is one and nothing else."""
    said = plain(text)
    for act, pattern in _WHOLE_PATTERNS.items():
        if pattern.match(said):
            return act
    return None


def yes_or_no(text: str) -> bool | None:
    """Whether `text` begins with a yes or a no; None if with neither."""
    said = plain(text)
    if _STARTS_NO.match(said):
        return False
    if _STARTS_YES.match(said):
        return not _BUT_NO.search(said)
    return None


def only_yes_or_no(text: str) -> bool:
    """Whether there is nothing in `text` but a yes or a no and politeness."""
    rest = _STARTS_NO.sub("", plain(text))
    while (shorter := re.sub(rf"^(?:{_YES}|{_NO}|{_POLITE}|it is)\b\s*", "", rest.strip())) != rest:
        rest = shorter
    return not rest.strip()


def asks_for_a_person(text: str) -> bool:
    """Whether the caller wants to talk to anybody who is no machine."""
    return _PERSON.search(plain(text)) is not None


def asks_for_a_transfer(text: str) -> bool:
    """Whether the words say that somebody is to be reached, whoever it is."""
    return _TRANSFER.search(plain(text)) is not None


def is_correction(text: str) -> bool:
    """Whether `text` sets out to put something right: "no, Tuesday", "actually at ten"."""
    return _CORRECTION.match(plain(text)) is not None


def is_question(text: str) -> bool:
    return text.rstrip().endswith("?") or _QUESTION_WORDS.match(plain(text)) is not None


def elliptic(text: str) -> str | None:
    """What half a sentence asks: "on saturday?" of "And on Saturday?"; None of a whole one."""
    said = plain(text)
    if not _ELLIPSIS.match(said) or len(said.split()) > LONGEST_ELLIPSIS:
        return None
    rest = _ELLIPSIS.sub("", said).strip()
    return f"{rest}?" if rest else None


_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_JOINT = re.compile(
    r",?\s+(?:and|but|also|plus)\s+(?:also\s+)?(?=(?:what|when|where|which|who|how|do|does|is|are|can|could"
    r"|will|i|i'd|i'm)\b)",
    re.IGNORECASE,
)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of what was said, as the recogniser's punctuation has them."""
    return tuple(part for part in _SENTENCE.split(text.strip()) if re.search(r"\w", part))


def clauses(sentence: str) -> tuple[str, ...]:
    """The sentence cut where a second question is joined to the first by "and"."""
    return tuple(_clauses(sentence))


def _clauses(sentence: str) -> Iterator[str]:
    for part in _JOINT.split(sentence):
        if len(part.split()) > 1:
            yield part.strip(" ,")
