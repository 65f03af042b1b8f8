"""The local agent arranging something: ask, understand, put right, confirm, then act. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gateway.profile import Intent, Slot, SlotKind, ToolName
from gateway.providers.local_agent_index import Kind, Subject
from gateway.providers.local_agent_moves import (
    MORE,
    SURE,
    Agent,
    Decision,
    Heard,
    ToolUse,
    end_call,
    forget_intent,
    miss,
    person_offer,
    say,
    transfer,
)
from gateway.providers.local_agent_slots import extract, spoken
from gateway.providers.local_agent_state import CONFIRMING, CORRECTING, AgentState
from gateway.providers.local_agent_words import (
    Act,
    act_of,
    asks_for_a_person,
    is_correction,
    is_question,
    only_yes_or_no,
    plain,
    yes_or_no,
)

UNMISTAKABLE = (SlotKind.NUMBER, SlotKind.DAY, SlotKind.TIME)
"""Kinds whose values are recognised wherever they are said."""


def begin(agent: Agent, state: AgentState, name: str, heard: Heard) -> Decision:
    """Start on the intent called `name`, with what the caller has said already."""
    intent = _intent(agent, name)
    if intent is None:
        return miss(agent, state)
    kept = {
        slot.name: state.filled[slot.name] for slot in intent.slots if slot.name in state.filled
    }
    said = {
        slot.name: value
        for slot in intent.slots
        if (value := extract(slot, heard.text, asked=False)) is not None
    }
    return _go_on(agent, replace(state, intent=name, filled=kept | said), intent)


def arrange(agent: Agent, state: AgentState, heard: Heard) -> Decision | None:
    """The next step; None if what is being arranged no longer exists in the profile."""
    intent = _intent(agent, state.intent)
    if intent is None:
        return None
    if state.asking == CONFIRMING:
        return _confirmed(agent, state, intent, heard)
    aside = _aside(agent, state, intent, heard)
    if aside is not None:
        return aside
    return _understood(agent, state, intent, heard)


def _intent(agent: Agent, name: str) -> Intent | None:
    return next((intent for intent in agent.profile.intents if intent.name == name), None)


# --- leaving the path ---------------------------------------------------------------------------


def _aside(agent: Agent, state: AgentState, intent: Intent, heard: Heard) -> Decision | None:
    """What callers say instead of an answer: never mind, a person, a question of their own."""
    phrases = agent.profile.phrases
    match act_of(heard.text):
        case Act.GOODBYE:
            return end_call(agent, state)
        case Act.CANCEL:
            done = f"{phrases.cancelled} {phrases.anything_else}"
            return say(forget_intent(state), done, offer=MORE)
        case Act.REPEAT:
            return say(state, _question(agent, state, intent))
        case Act.WAIT:
            return say(state, phrases.take_your_time)
        case _:
            pass
    if asks_for_a_person(heard.text):
        return transfer(agent, state, None, summary=_summary(state, intent))
    return _other_wish(agent, state, intent, heard)


def _other_wish(agent: Agent, state: AgentState, intent: Intent, heard: Heard) -> Decision | None:
    """A question is answered and the own one asked again; another intent takes over."""
    best = heard.whole.best
    if best.score < SURE or _says_something(state, intent, heard.text):
        return None
    match best.subject:
        case Subject(Kind.TOPIC, title) if is_question(heard.text):
            answer = next(t.answer for t in agent.profile.topics if t.title == title)
            return say(state, f"{answer} {_question(agent, state, intent)}")
        case Subject(Kind.INTENT, name) if name != intent.name:
            return begin(agent, state, name, heard)
        case Subject(Kind.PERSON, name):
            return transfer(agent, state, name, summary=_summary(state, intent))
        case _:
            return None


def _says_something(state: AgentState, intent: Intent, text: str) -> bool:
    """Whether `text` answers the open question, unless that takes any text at all."""
    slot = _slot(intent, state.asking)
    if slot is None or slot.kind is SlotKind.TEXT:
        return False
    return extract(slot, text, asked=True) is not None


# --- answers ------------------------------------------------------------------------------------


def _understood(agent: Agent, state: AgentState, intent: Intent, heard: Heard) -> Decision:
    """Take every value in what was said, the one asked for first."""
    asked = _slot(intent, state.asking)
    if asked is None:
        return _corrected(agent, state, intent, heard)
    found = dict(_values(state, intent, heard.text))
    value = extract(asked, heard.text, asked=True)
    if value is not None and not (asked.name not in found and found and is_correction(heard.text)):
        found[asked.name] = value
    if not found:
        return miss(agent, state, ask_again=asked.ask)
    return _go_on(agent, replace(state, filled={**state.filled, **found}), intent)


def _values(state: AgentState, intent: Intent, text: str) -> Iterator[tuple[str, str]]:
    """Values nobody asked for now: of open slots, and of filled ones if they are put right."""
    for slot in intent.slots:
        if slot.name in state.filled and not is_correction(text):
            continue
        asked = slot.kind in UNMISTAKABLE and slot.kind is not SlotKind.TIME and is_correction(text)
        value = extract(slot, text, asked=asked)
        if value is not None and value != state.filled.get(slot.name):
            yield slot.name, value


def _corrected(agent: Agent, state: AgentState, intent: Intent, heard: Heard) -> Decision:
    """The answer to "what should I change?": a value, or the name of what is wrong."""
    phrases = agent.profile.phrases
    said = plain(heard.text)
    for slot in intent.slots:
        value = extract(slot, heard.text, asked=slot.kind in UNMISTAKABLE)
        if value is not None and value != state.filled.get(slot.name):
            return _go_on(agent, replace(state, filled={**state.filled, slot.name: value}), intent)
    for slot in intent.slots:
        if slot.name.replace("_", " ") in said:
            left = {name: value for name, value in state.filled.items() if name != slot.name}
            return _go_on(agent, replace(state, filled=left), intent)
    if act_of(heard.text) is Act.CANCEL or yes_or_no(heard.text) is False:
        done = f"{phrases.cancelled} {phrases.anything_else}"
        return say(forget_intent(state), done, offer=MORE)
    return miss(agent, state, ask_again=phrases.what_to_change)


def _confirmed(agent: Agent, state: AgentState, intent: Intent, heard: Heard) -> Decision:
    """Only a yes leads on; a no with a new value is a correction."""
    answer = yes_or_no(heard.text)
    found = dict(_values(state, intent, heard.text)) if answer is not True else {}
    if found:
        return _go_on(agent, replace(state, filled={**state.filled, **found}), intent)
    if answer is True and (only_yes_or_no(heard.text) or not is_question(heard.text)):
        return _act(agent, state, intent)
    aside = _aside(agent, state, intent, heard)
    if aside is not None:
        return aside
    if answer is False:
        if not intent.slots:
            done = f"{agent.profile.phrases.cancelled} {agent.profile.phrases.anything_else}"
            return say(forget_intent(state), done, offer=MORE)
        asking = replace(state, asking=CORRECTING)
        return say(asking, agent.profile.phrases.what_to_change)
    question = f"{_question(agent, state, intent)} {agent.profile.phrases.yes_or_no}"
    return miss(agent, state, ask_again=question)


# --- going on -----------------------------------------------------------------------------------


def _go_on(agent: Agent, state: AgentState, intent: Intent) -> Decision:
    """Ask for the next value, or for a yes, or act."""
    missing = next((slot for slot in intent.slots if slot.name not in state.filled), None)
    if missing is not None:
        return say(replace(state, asking=missing.name), missing.ask)
    if intent.confirm is not None:
        asking = replace(state, asking=CONFIRMING)
        return say(asking, _question(agent, asking, intent))
    return _act(agent, state, intent)


def _question(agent: Agent, state: AgentState, intent: Intent) -> str:
    """The question that is open now."""
    if state.asking == CONFIRMING and intent.confirm is not None:
        return intent.confirm.format_map(_as_spoken(state, intent))
    slot = _slot(intent, state.asking)
    return slot.ask if slot is not None else agent.profile.phrases.what_to_change


def _act(agent: Agent, state: AgentState, intent: Intent) -> Decision:
    filled = {slot.name: state.filled.get(slot.name, "") for slot in intent.slots}
    done = intent.done.format_map(_as_spoken(state, intent))
    arguments = {key: text.format_map(filled) for key, text in intent.arguments.items()}
    if intent.tool is None:
        return say(forget_intent(state), done)
    if intent.tool not in agent.tools:
        return transfer(agent, state, None, summary=_summary(state, intent), before=done)
    offer = _offer(intent.tool, arguments)
    after = forget_intent(replace(state, missed=0, said=done, offer=offer))
    return Decision(done, after, ToolUse(intent.tool.value, arguments))


def _offer(tool: ToolName, arguments: Mapping[str, str]) -> str:
    """What "try again" would mean if the tool fails."""
    match tool:
        case ToolName.TRANSFER_TO_PERSON:
            return person_offer(arguments["target"], arguments.get("summary", ""))
        case ToolName.TRANSFER_TO_EXTENSION:
            return f"{Kind.EXTENSION}:{arguments['target']}"
        case ToolName.HANG_UP | ToolName.SEND_DIGITS:
            return ""


def _slot(intent: Intent, name: str) -> Slot | None:
    return next((slot for slot in intent.slots if slot.name == name), None)


def _as_spoken(state: AgentState, intent: Intent) -> Mapping[str, str]:
    return {
        slot.name: spoken(slot, state.filled[slot.name]) if slot.name in state.filled else ""
        for slot in intent.slots
    }


def _summary(state: AgentState, intent: Intent) -> str:
    known = ", ".join(f"{name} {value}" for name, value in state.filled.items())
    wish = intent.name.replace("_", " ")
    return f"{wish}: {known}" if known else wish
