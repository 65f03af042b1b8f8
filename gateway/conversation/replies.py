"""What the caller said or keyed gets its answer: one prepared early, a new one, or the way out."""

from gateway.conversation.answer import Answer
from gateway.conversation.initiative import Initiative
from gateway.conversation.record import Stages
from gateway.conversation.standing import Standing


class Replies:
    """`early_start` prepares answers before a turn is certain."""

    def __init__(self, standing: Standing, initiative: Initiative, *, early_start: bool) -> None:
        self._standing = standing
        self._initiative = initiative
        self._early_start = early_start

    def prepare(self, text: str) -> None:
        """The caller has probably finished, with `text`: begin an answer that may be of use."""
        if self._early_start and not self._standing.spent and not self._standing.protected:
            self._standing.floor.prepare(self._answer(text, early=True))

    def reply(self, text: str, stages: Stages) -> None:
        """Answer `text`, the whole of what the caller wants to say now; the floor must be free.
        `stages` says when it was said, understood and decided to be all."""
        if not text:
            self._initiative.not_understood()
            return
        floor = self._standing.floor
        self._initiative.understood()
        self._standing.means.history.caller_said(text)
        answer = floor.adopt(text)
        if answer is None and self._standing.spent:
            self._initiative.end_for_money()
            return
        if answer is None:
            answer = self._answer(text, early=False)
            floor.perform(answer)
        answer.turn.stages.speech_end = stages.speech_end
        answer.turn.stages.transcript = stages.transcript
        answer.turn.stages.decided = stages.decided

    def _answer(self, text: str, *, early: bool) -> Answer:
        history = self._standing.means.history
        messages = history.with_caller(text) if early else history.messages
        return Answer(self._standing.means, text, messages, early=early)
