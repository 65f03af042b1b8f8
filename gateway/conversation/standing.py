"""How a conversation stands at this moment: what may be done, and what the agent is doing."""

from gateway.conversation.floor import Floor
from gateway.conversation.means import CallFacts, Means
from gateway.conversation.turn import Agent
from gateway.money.purse import Purse
from gateway.profile import Phrases


class Standing:
    """What all who act in one conversation ask of it. `purse` says when no more can be paid.
    `on_hold` while the caller has put us on hold."""

    def __init__(self, means: Means, floor: Floor, purse: Purse | None) -> None:
        self.means = means
        self.floor = floor
        self.on_hold = False
        self._purse = purse

    def __repr__(self) -> str:
        return f"<Standing {self.word}>"

    @property
    def facts(self) -> CallFacts:
        """Those of the language that is spoken now."""
        return self.means.facts

    @property
    def phrases(self) -> Phrases:
        return self.means.facts.profile.phrases

    @property
    def protected(self) -> bool:
        """Whether something is being said that nobody can interrupt."""
        return self.floor.act is not None and self.floor.act.protected

    @property
    def keys_cut(self) -> bool:
        """Whether a key stops what is being said."""
        return self.facts.profile.keys.cut_through and not self.protected

    @property
    def spent(self) -> bool:
        """Whether no more can be paid."""
        return self._purse is not None and self._purse.spent

    @property
    def agent(self) -> Agent:
        """What the turn machine is to know of the agent."""
        if self.means.asking.away or self.on_hold:
            return Agent.AWAY
        if self.protected:
            return Agent.PROTECTED
        if self.means.speaking.audible:
            return Agent.SPEAKING
        return Agent.SILENT if self.floor.act is None else Agent.THINKING

    @property
    def word(self) -> str:
        """What is going on, in a word or two."""
        record = self.means.record
        if record.end is not None:
            return f"over: {record.end}"
        if self.on_hold:
            return "on hold"
        if self.means.asking.away and record.asked:
            return f"{record.asked[-1].request} {record.asked[-1].target}".strip()
        return "listening" if self.floor.act is None else self.floor.act.turn.kind
