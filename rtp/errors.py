"""What the media plane may refuse; everything else that escapes it is a bug."""


class MediaPlaneError(Exception):
    """Base of all refusals of the media plane."""


class NoFreeRow(MediaPlaneError):
    """Every row of the table carries a leg."""


class SourceInUse(MediaPlaneError):
    """A live leg is already locked to this source address."""


class UnknownModel(MediaPlaneError):
    """The VAD model file holds another network than the plane knows."""
