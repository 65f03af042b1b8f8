"""The step of the demonstration that failed, and how: each error is one clear line."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import GatewayError


class Step(StrEnum):
    """What is shown, in order. The value is what a person reads."""

    ASTERISK = "start a private Asterisk"
    GATEWAY = "start the gateway"
    PHONES = "start the phones"
    ANSWER = "the gateway answers the call"
    GREETING = "the agent greets"
    FIRST_ANSWER = "the agent answers the first question"
    SECOND_ANSWER = "the agent answers the second question"
    ANNOUNCEMENT = "the agent says that it is connecting"
    TRANSFER = "the person is put through"
    CALLER_HEARS_PERSON = "the caller hears the person"
    PERSON_HEARS_CALLER = "the person hears the caller"
    END = "the call ends"
    RECORD = "the gateway's record of the call"


@dataclass(eq=False)
class StepError(GatewayError):
    """A step of the demonstration failed."""

    step: Step

    @property
    def reason(self) -> str:
        return "failed"

    def __str__(self) -> str:
        return f"{self.step}: {self.reason}"


@dataclass(eq=False)
class PartFailed(StepError):
    """A real part (Asterisk, gateway, phone) did not do what the step needs."""

    problem: str

    @property
    def reason(self) -> str:
        return self.problem


@dataclass(eq=False)
class Silence(StepError):
    """Nobody spoke on the line within `seconds`."""

    seconds: float

    @property
    def reason(self) -> str:
        return f"nothing was heard on the line within {self.seconds:g} s"


@dataclass(eq=False)
class NotUnderstood(StepError):
    """What was recognised in `recording` is not what should have been said."""

    recording: str
    expected: str
    heard: str
    share: float

    @property
    def reason(self) -> str:
        heard = f'"{self.heard}"' if self.heard else "nothing"
        return (
            f'{self.recording} should hold "{self.expected}", but the nearest that was recognised '
            f"is {heard} ({self.share:.0%} of the words)"
        )


@dataclass(eq=False)
class VoiceMissing(StepError):
    """`recording` holds nothing like what the other side said."""

    recording: str
    expected: str
    likeness: float

    @property
    def reason(self) -> str:
        return (
            f'{self.recording} does not hold the voice that said "{self.expected}" '
            f"(likeness {self.likeness:.2f})"
        )
