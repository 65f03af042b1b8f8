"""What the local agent can do at the end of a turn: say, transfer, hang up, give in. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.languages import spoken_language
from gateway.profile import Profile, ToolName
from gateway.providers.local_agent_index import Kind, Match
from gateway.providers.local_agent_state import AgentState

SURE = 0.55
"""A subject this close is what the caller meant."""
LIKELY = 0.40
"""A topic this close is worth asking back for."""

MORE = "more"
"""The offer behind "anything else?"."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what was said, and how close it comes to each subject, the closest first.

    `clauses` are its halves, where two questions are joined by "and".
    """

    text: str
    matches: tuple[Match, ...]
    clauses: tuple["Part", ...] = ()

    @property
    def best(self) -> Match:
        return self.matches[0]

    def best_of(self, kind: Kind) -> Match | None:
        return next((match for match in self.matches if match.subject.kind is kind), None)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller said in a turn: as a whole, and by sentence."""

    whole: Part
    sentences: tuple[Part, ...]

    @property
    def text(self) -> str:
        return self.whole.text


@dataclass(frozen=True, slots=True)
class Agent:
    """Who answers: a profile, and the tools this call may use."""

    profile: Profile
    tools: frozenset[str]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool the agent wants run."""

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)


SWITCH_LANGUAGE = "switch_language"
"""The tool that changes the language."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to say, which tool to run then, and what to remember."""

    say: str
    state: AgentState
    tool: ToolUse | None = None


def say(state: AgentState, text: str, *, offer: str = "") -> Decision:
    """Speak; the caller was understood."""
    return Decision(text, replace(state, missed=0, said=text, offer=offer))


def forget_intent(state: AgentState) -> AgentState:
    return replace(state, intent="", filled={}, asking="")


def end_call(agent: Agent, state: AgentState) -> Decision:
    """Hang up; the goodbye comes from the tool, or from here if the agent may not hang up."""
    done = forget_intent(replace(state, missed=0, offer=""))
    if ToolName.HANG_UP in agent.tools:
        return Decision("", done, ToolUse(ToolName.HANG_UP.value))
    return Decision(agent.profile.goodbye, done)


def transfer(
    agent: Agent, state: AgentState, target: str | None, *, summary: str = "", before: str = ""
) -> Decision:
    """Put the caller through to `target`, by default the profile's default person."""
    name = target or agent.profile.default_person
    if name is None or ToolName.TRANSFER_TO_PERSON not in agent.tools:
        return say(forget_intent(state), f"{before} {agent.profile.phrases.no_person}".strip())
    arguments = {"target": name} | ({"summary": summary} if summary else {})
    after = forget_intent(replace(state, missed=0, said=before, offer=person_offer(name, summary)))
    return Decision(before, after, ToolUse(ToolName.TRANSFER_TO_PERSON.value, arguments))


def change_language(agent: Agent, state: AgentState, wished: str) -> Decision:
    """Have the call go on in another language of the profile's, if it has that one."""
    known = (tag for tag in agent.profile.also if spoken_language(tag) == spoken_language(wished))
    language = next(known, None)
    if language is None or SWITCH_LANGUAGE not in agent.tools:
        return say(forget_intent(state), agent.profile.phrases.language_not_spoken)
    after = forget_intent(replace(state, missed=0, offer=""))
    return Decision("", after, ToolUse(SWITCH_LANGUAGE, {"language": language}))


def person_offer(name: str, summary: str) -> str:
    """What "try again" would mean if `name` cannot be reached."""
    return f"{Kind.PERSON}:{name}:{summary}"


def send_on(agent: Agent, state: AgentState, name: str) -> Decision:
    """Send the caller on in the dialplan, if the agent may; else to a person."""
    if ToolName.TRANSFER_TO_EXTENSION not in agent.tools:
        return transfer(agent, state, None)
    after = forget_intent(replace(state, missed=0, offer=f"{Kind.EXTENSION}:{name}"))
    return Decision("", after, ToolUse(ToolName.TRANSFER_TO_EXTENSION.value, {"target": name}))


def miss(agent: Agent, state: AgentState, ask_again: str = "") -> Decision:
    """The caller was not understood; at the profile's limit a person takes over.

    `ask_again` is the open question, which is repeated instead of asking for other words.
    """
    missed = state.missed + 1
    phrases = agent.profile.phrases
    if missed >= agent.profile.no_match_limit:
        summary = "The automatic agent did not understand the caller"
        return transfer(agent, state, None, summary=summary, before=phrases.did_not_understand[-1])
    nth = min(missed, len(phrases.did_not_understand)) - 1
    text = f"{phrases.sorry} {ask_again}" if ask_again else phrases.did_not_understand[nth]
    return Decision(text, replace(state, missed=missed, said=text, offer=""))
