"""The local agent in open conversation: questions, small talk, and the way to a person. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean

from gateway.profile import Phrases, Profile
from gateway.providers.local_agent_arrange import arrange, begin
from gateway.providers.local_agent_index import Kind, Match, Subject
from gateway.providers.local_agent_moves import (
    LIKELY,
    MORE,
    SURE,
    SWITCH_LANGUAGE,
    Agent,
    Decision,
    Heard,
    Part,
    end_call,
    forget_intent,
    miss,
    say,
    send_on,
    transfer,
)
from gateway.providers.local_agent_state import AgentState
from gateway.providers.local_agent_words import (
    Act,
    act_of,
    asks_for_a_person,
    asks_for_a_transfer,
    only_yes_or_no,
    plain,
    yes_or_no,
)

SURE_OF_GOODBYE = 0.8
"""Hanging up on a caller who wanted something is worse than asking once more."""
JOINED_BY_AND = 0.05
"""Two questions in a sentence come, on average, no further from their subjects than the whole."""
MOST_ANSWERS = 3
_ONLY_WORDS = frozenset((Act.WAIT, Act.HELP, Act.GREETING, Act.REPEAT, Act.THANKS))
TRY_AGAIN = re.compile(r"\b(?:try|call|ring)\b.{0,12}\bagain\b|\bonce more\b")
FAILED_TRANSFER = re.compile(r"(?:busy|no_answer|unreachable): (?P<sentence>.+)", re.DOTALL)


def decide(agent: Agent, state: AgentState, heard: Heard) -> Decision:
    """The agent's next move, given what it remembers and what the caller just said."""
    if not plain(heard.text):
        return miss(agent, state)
    if state.intent:
        arranged = arrange(agent, state, heard)
        if arranged is not None:
            return arranged
        state = forget_intent(state)
    if state.offer:
        accepted = _answer_to_offer(agent, state, heard.text)
        if accepted is not None:
            return accepted
    return _open(agent, replace(state, offer=""), heard)


def sureness(state: AgentState, heard: Heard) -> float:
    """How sure the answer is where it is only words: small talk, or topics that are known."""
    text = heard.text
    if state.intent or not plain(text) or (state.offer and only_yes_or_no(text)):
        return 0.0
    if (act := act_of(heard.text)) is not None:
        return 1.0 if act in _ONLY_WORDS else 0.0
    spoken = [part for part in heard.sentences if not _is_chatter(part.text)]
    if not spoken or asks_for_a_person(heard.text) or asks_for_a_transfer(heard.text):
        return 0.0
    best = [part.best for part in spoken]
    if any(match.subject.kind is not Kind.TOPIC for match in best):
        return 0.0
    return min(match.score for match in best)


def after_tool(agent: Agent, state: AgentState, tool: str, result: str) -> Decision:
    """What to say to the result of a tool the agent has called."""
    phrases = agent.profile.phrases
    if tool == SWITCH_LANGUAGE:
        changed = result.startswith("Done.")
        return say(state, phrases.how_can_i_help if changed else phrases.language_not_spoken)
    failed = FAILED_TRANSFER.fullmatch(result)
    reason = failed["sentence"] if failed else phrases.apology
    return say(state, f"{reason} {phrases.alternatives}", offer=state.offer)


# --- offers: what a yes or no would mean -------------------------------------------------------


def _answer_to_offer(agent: Agent, state: AgentState, text: str) -> Decision | None:
    again = TRY_AGAIN.search(plain(text)) is not None
    if not again and not only_yes_or_no(text):
        return None
    accepted = again or yes_or_no(text)
    kind, _, name = state.offer.partition(":")
    phrases = agent.profile.phrases
    match kind, accepted:
        case _, None:
            return None
        case "topic", True:
            return _answer(agent.profile, state, (name,))
        case "topic", _:
            return miss(agent, state)
        case "person", True:
            target, _, summary = name.partition(":")
            return transfer(agent, state, target, summary=summary)
        case "extension", True:
            return send_on(agent, state, name)
        case "more", True:
            return say(state, phrases.go_on)
        case "more", _:
            return end_call(agent, state)
        case _:
            return say(state, phrases.anything_else, offer=MORE)


# --- what was said ------------------------------------------------------------------------------


def _open(agent: Agent, state: AgentState, heard: Heard) -> Decision:
    act = act_of(heard.text)
    if act is not None:
        return _small_talk(agent, state, act)
    wanted = _person_wanted(agent.profile, heard)
    if wanted is not None:
        return transfer(agent, state, wanted or None)
    meant = tuple(_meant(heard))
    for subject in meant:
        if subject.kind is not Kind.TOPIC:
            return _act_on(agent, state, subject, heard)
    if meant:
        return _answer(agent.profile, state, tuple(subject.name for subject in meant))
    return _unclear(agent, state, heard)


def _small_talk(agent: Agent, state: AgentState, act: Act) -> Decision:
    phrases = agent.profile.phrases
    match act:
        case Act.GOODBYE:
            return end_call(agent, state)
        case Act.PERSON:
            return transfer(agent, state, None)
        case Act.REPEAT:
            return say(state, state.said or phrases.nothing_to_repeat)
        case Act.THANKS:
            return say(state, f"{phrases.welcome} {phrases.anything_else}", offer=MORE)
        case Act.CANCEL:
            return say(state, f"{phrases.cancelled} {phrases.anything_else}", offer=MORE)
        case Act.NO:
            return say(state, phrases.anything_else, offer=MORE)
        case Act.WAIT | Act.HELP | Act.GREETING | Act.YES:
            return say(state, _courtesy(phrases, act))


def _courtesy(phrases: Phrases, act: Act) -> str:
    match act:
        case Act.WAIT:
            return phrases.take_your_time
        case Act.HELP:
            return phrases.help
        case Act.GREETING:
            return phrases.how_can_i_help
        case _:
            return phrases.go_on


def _act_on(agent: Agent, state: AgentState, subject: Subject, heard: Heard) -> Decision:
    match subject.kind:
        case Kind.INTENT:
            return begin(agent, state, subject.name, heard)
        case Kind.PERSON:
            return transfer(agent, state, subject.name)
        case Kind.EXTENSION:
            return send_on(agent, state, subject.name)
        case Kind.ACT:
            return _small_talk(agent, state, Act(subject.name))
        case Kind.TOPIC:
            return _answer(agent.profile, state, (subject.name,))


def _unclear(agent: Agent, state: AgentState, heard: Heard) -> Decision:
    """Nothing is sure: a yes or no out of the blue, a topic to ask back for, or a miss."""
    phrases = agent.profile.phrases
    if only_yes_or_no(heard.text) and (answer := yes_or_no(heard.text)) is not None:
        return _small_talk(agent, state, Act.YES if answer else Act.NO)
    topic = _likeliest_topic(heard)
    if topic is not None:
        question = phrases.did_you_mean.format(topic=_in_a_sentence(topic))
        return Decision(question, replace(state, said=question, offer=f"{Kind.TOPIC}:{topic}"))
    return miss(agent, state)


def _likeliest_topic(heard: Heard) -> str | None:
    found = [part.best for part in (heard.whole, *heard.sentences)]
    found = [match for match in found if match.subject.kind is Kind.TOPIC]
    best = max(found, key=lambda match: match.score, default=None)
    return best.subject.name if best is not None and best.score >= LIKELY else None


def _in_a_sentence(title: str) -> str:
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _answer(profile: Profile, state: AgentState, titles: tuple[str, ...]) -> Decision:
    answers = {topic.title: topic.answer for topic in profile.topics}
    known = [title for title in dict.fromkeys(titles) if title in answers][:MOST_ANSWERS]
    text = " ".join(answers[title] for title in known)
    return say(replace(state, topic=known[-1] if known else ""), text)


# --- meaning -----------------------------------------------------------------------------------


def _person_wanted(profile: Profile, heard: Heard) -> str | None:
    """Whom the caller asks for by words: a name of `people`, "" for anybody, None for nobody."""
    said = plain(heard.text)
    if asks_for_a_transfer(heard.text):
        for name, person in profile.people.items():
            if any(re.search(rf"\b{re.escape(plain(c))}\b", said) for c in (name, *person.called)):
                return name
    return "" if asks_for_a_person(heard.text) else None


def _meant(heard: Heard) -> Iterator[Subject]:
    """The subjects that are certain, in the order in which they came up."""
    spoken = [part for part in heard.sentences if not _is_chatter(part.text)]
    found = [subject for part in spoken for subject in _subjects(part)]
    if not found and _is_sure(heard.whole.best):
        found = [heard.whole.best.subject]
    return iter(dict.fromkeys(found))


def _is_chatter(text: str) -> bool:
    """What people say around what they want: hello, thanks, yes, one moment."""
    return act_of(text) is not None or only_yes_or_no(text)


def _subjects(part: Part) -> Iterator[Subject]:
    best = [clause.best for clause in part.clauses]
    if (
        len({match.subject for match in best}) > 1
        and all(_is_sure(match) for match in best)
        and fmean(match.score for match in best) >= part.best.score - JOINED_BY_AND
    ):
        yield from (match.subject for match in best)
    elif _is_sure(part.best):
        yield part.best.subject


def _is_sure(match: Match) -> bool:
    goodbye = match.subject == Subject(Kind.ACT, Act.GOODBYE.value)
    return match.score >= (SURE_OF_GOODBYE if goodbye else SURE)
