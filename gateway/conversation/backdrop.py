"""A sound without an end (typing, music, a ringing tone), given out piece by piece. Pure."""

from gateway.conversation.clip import Clip, joined


class Backdrop:
    """Goes on where it stopped, and begins again at its end."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip
        self._position = 0

    def __repr__(self) -> str:
        return f"<Backdrop at frame {self._position} of {len(self._clip)}>"

    def next(self, frames: int) -> Clip:
        """The next `frames` frames."""
        pieces: list[Clip] = []
        while frames > 0:
            piece = self._clip.part(self._position, min(self._position + frames, len(self._clip)))
            pieces.append(piece)
            frames -= len(piece)
            self._position = (self._position + len(piece)) % len(self._clip)
        return joined(pieces)
