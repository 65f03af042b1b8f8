"""The caller's turns that are spoken: replied to, or kept until they may be."""

from gateway.conversation.backchannel import Utterance
from gateway.conversation.initiative import Initiative
from gateway.conversation.keyed import KeyedTurns
from gateway.conversation.postponed import Postponed
from gateway.conversation.record import CallerTurn, Sound, Stages
from gateway.conversation.replies import Replies
from gateway.conversation.standing import Standing
from gateway.conversation.turn import TurnOver


class SpokenTurns:
    """A turn takes along what was keyed meanwhile (`keyed`). `epoch` is when the conversation
    began, on the clock of the turns."""

    def __init__(
        self,
        standing: Standing,
        initiative: Initiative,
        replies: Replies,
        keyed: KeyedTurns,
        *,
        epoch: float,
    ) -> None:
        self._standing = standing
        self._initiative = initiative
        self._replies = replies
        self._keyed = keyed
        self._epoch = epoch
        self._postponed = Postponed()

    def __repr__(self) -> str:
        return f"<SpokenTurns {self._postponed}>"

    async def over(self, turn: TurnOver) -> None:
        """The caller has said all of `turn`."""
        self._initiative.caller_is_there()
        if self._standing.protected:
            self._postpone(turn)
            return
        await self._standing.floor.stop()
        began, ended, decided = (t - self._epoch for t in (turn.began, turn.ended, turn.decided))
        text = self._keyed.join(turn.text, began)
        record = self._standing.means.record
        said = record.mask.hide(text)
        record.add(CallerTurn(said, began, ended, decided, turn.votes, goes_on=turn.goes_on))
        read = None if turn.read is None else turn.read - self._epoch
        self._replies.reply(text, Stages(speech_end=ended, transcript=read, decided=decided))

    def release(self) -> bool:
        """Whether a turn that waited may go on from now on; said once, then `protection_over` is
        to be called."""
        if not self._postponed.held or self._standing.protected:
            return False
        self._postponed.release()
        return True

    async def protection_over(self) -> None:
        """The rest of what is being said gives way to the turn that waited."""
        self._postponed.hold()
        if not self._standing.protected and (turn := self._postponed.take()) is not None:
            self._standing.means.speaking.cut()
            await self.over(turn)

    async def reply_to_postponed(self) -> bool:
        """Go on with the turn that waited for what was said; False without one."""
        if (turn := self._postponed.take()) is None:
            return False
        await self.over(turn)
        return True

    def _postpone(self, turn: TurnOver) -> None:
        means = self._standing.means
        if not self._postponed.add(turn, means.facts.language):
            because = "a sign of listening to what nobody can interrupt"
            means.record.add(Sound(Utterance.BACKCHANNEL.value, turn.text, means.now(), because))
