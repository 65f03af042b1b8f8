"""Never dead air: what a caller hears while somebody else's work takes long."""

import asyncio
from collections.abc import Callable

from gateway.conversation.means import Means
from gateway.conversation.record import AgentTurn
from gateway.conversation.saying import close_turn
from gateway.conversation.utterance import Utterance
from gateway.conversation.waiting import Remedy, Wait, quiet_from, remedy
from gateway.errors import ProviderTimeout

BACKDROP_FRAMES = 10
"""What is heard of work comes in such pieces, so that an answer waits for little of it."""
BACKDROP_AHEAD_FRAMES = 13
"""More than pass between two ticks of a leg that is not attended to closely."""


async def keep_company(
    means: Means,
    utterance: Utterance,
    *,
    late: str,
    sound: float | None,
    progress: Callable[[], float],
    busy: Callable[[], bool],
) -> None:
    """A few words when it takes long, then work to be heard, then an error: ProviderTimeout of
    the provider `late`. `sound` is the caller's last one, if it is known; `progress` is
    when something last came of what is waited for; while `busy` nothing is said. Runs until
    cancelled."""
    speaking, now = means.speaking, means.now
    quiet_since = quiet_from(
        sound, ours=speaking.last_left, now=progress(), patience=means.patience
    )
    filled: float | None = None
    backdrop_until = -1
    due: Remedy | None = None

    def is_due() -> bool:
        nonlocal quiet_since, due
        time = now()
        at_work = speaking.accepted == backdrop_until
        if busy() or speaking.held or (speaking.audible and not at_work):
            quiet_since = time
            return False
        if at_work and speaking.ahead > BACKDROP_AHEAD_FRAMES:
            return False
        since_filler = None if filled is None else time - max(filled, progress(), quiet_since)
        due = remedy(Wait(time - progress(), since_filler, time - quiet_since), means.patience)
        return due is not None and (due is not Remedy.WORKING or means.working is not None)

    # The first words are due at a time, surely over then, that no tick may be near.
    first = quiet_since + means.patience.first_filler + 0.001
    while True:
        await speaking.until(is_due, after=first - now())
        match due:
            case Remedy.GIVE_UP:
                raise ProviderTimeout(late, "no answer in time")
            case Remedy.FILLER:
                if (phrase := means.fillers.next()) is not None:
                    await speaking.say(utterance, phrase, part=None, unless=busy)
                filled = now()
            case Remedy.WORKING if means.working is not None:
                await speaking.play(utterance, means.working.next(BACKDROP_FRAMES))
                backdrop_until = speaking.accepted
            case Remedy.WORKING | None:
                pass


class Stalling:
    """Keeps the caller company while the recogniser, named `ear`, is late with their words.

    `since` is the last sound of them. Ends when they have come, or the caller speaks again
    (`waiting` is false); raises ProviderTimeout, in a group, when they do not come. Nothing of it
    is remembered: it answers nothing.
    """

    def __init__(
        self, means: Means, ear: str, *, since: float, waiting: Callable[[], bool]
    ) -> None:
        self.utterance = Utterance()
        self.turn = AgentTurn("stalling", means.now())
        self.certain = asyncio.Event()
        self.finished = False
        self.protected = False
        self._means = means
        self._ear = ear
        self._since = since
        self._waiting = waiting

    def __repr__(self) -> str:
        return "<Stalling>"

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            company = tasks.create_task(
                keep_company(
                    self._means,
                    self.utterance,
                    late=self._ear,
                    sound=self._since,
                    progress=lambda: self._since,
                    busy=lambda: False,
                )
            )
            await self._means.speaking.until(lambda: not self._waiting())
            company.cancel()
        await self._means.speaking.drained()

    async def settle(self) -> None:
        """Nothing of it goes on after a cut."""

    def close(self, *, interrupted: bool) -> None:
        close_turn(self._means, self.turn, self.utterance, interrupted=interrupted)
