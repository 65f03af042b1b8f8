"""Who has the agent's floor: one act at most is heard, one answer at most is prepared unheard."""

import asyncio
from collections.abc import Callable

from gateway.conversation.act import Act
from gateway.conversation.answer import Answer
from gateway.conversation.means import Means
from gateway.errors import ProviderError


class Floor:
    """Runs acts as tasks of the call. `over` is called when the act on the floor ends by itself,
    with whether a provider's failure was the reason."""

    def __init__(self, means: Means, over: Callable[[Act, bool], None]) -> None:
        self._means = means
        self._over = over
        self._task: asyncio.Task[None] | None = None
        self._early: Answer | None = None
        self._early_task: asyncio.Task[None] | None = None
        self.act: Act | None = None

    def __repr__(self) -> str:
        return f"<Floor {self.act}, early {self._early}>"

    def perform(self, act: Act) -> None:
        """Give the floor, which must be free, to `act`."""
        self._give(act, self._means.tasks.create_task(self._run(act)))

    def prepare(self, answer: Answer) -> None:
        """Begin an answer that may never be heard; an earlier one is thrown away."""
        self.discard()
        self._early = answer
        self._early_task = self._means.tasks.create_task(self._run(answer))

    def adopt(self, text: str) -> Answer | None:
        """Give the floor to the prepared answer if it is one to `text` and did not fail."""
        answer, task = self._early, self._early_task
        if answer is None or task is None or task.done() or answer.text != text:
            self.discard()
            return None
        self._early = self._early_task = None
        self._give(answer, task)
        return answer

    def discard(self) -> None:
        """Throw the prepared answer away. Nothing of it was heard, done or remembered."""
        if self._early_task is not None:
            self._early_task.cancel()
        if self._early is not None:
            thrown, turn = self._means.record.thrown_away, self._early.turn
            thrown.answers += 1
            thrown.characters += self._early.characters
            thrown.input_tokens += turn.input_tokens
            thrown.output_tokens += turn.output_tokens
        self._early = self._early_task = None

    async def stop(self) -> Act | None:
        """Take the floor from its act, which was cut, and write down what became of it."""
        act, task = self.act, self._task
        self.act = self._task = None
        if act is None or task is None:
            return None
        task.cancel()
        await asyncio.wait({task})
        await self._means.speaking.settled()
        await act.settle()
        act.close(interrupted=True)
        return act

    def free(self, *, interrupted: bool = False) -> None:
        """The act on the floor is over: write down what became of it."""
        act, self.act, self._task = self.act, None, None
        if act is not None:
            act.close(interrupted=interrupted)

    def _give(self, act: Act, task: asyncio.Task[None]) -> None:
        self.act, self._task = act, task
        self._means.speaking.begin(act.utterance)
        act.certain.set()

    async def _run(self, act: Act) -> None:
        failed = False
        try:
            await act.run()
        except* ProviderError as lost:
            failed = True
            self._means.record.note_failures(lost)
        if act is self.act:
            self._over(act, failed)
