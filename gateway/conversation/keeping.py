"""One conversation in the store: what is kept of it, and when it has changed."""

from gateway.conversation.sessions import Keeper, Session, Sessions, masked
from gateway.conversation.standing import Standing


class Keeping:
    """Has the conversation of `standing` written whenever it has changed, while `run` runs."""

    def __init__(self, sessions: Sessions, standing: Standing) -> None:
        self._standing = standing
        resumable = standing.facts.profile.resume_seconds
        self._keeper = Keeper(sessions, self._session, resumable_seconds=resumable)
        self._noted = (0, "")

    async def run(self) -> None:
        """Write until cancelled; what is not written then is written last."""
        await self._keeper.run()

    def note(self) -> None:
        """Have the store know what has changed, if anything has. Never blocks."""
        stands = (self._standing.means.history.revision, self._standing.word)
        if stands != self._noted:
            self._noted = stands
            self._keeper.note()

    def _session(self) -> Session:
        means = self._standing.means
        facts, history, mask = means.facts, means.history, means.record.mask
        return Session(
            facts.call_id,
            facts.caller_number,
            facts.profile.name,
            facts.language,
            masked(history.messages, mask),
            {key: mask.hide_in(value) for key, value in history.state.items()},
            facts.began,
            self._standing.word,
            means.record.so_far(),
        )
