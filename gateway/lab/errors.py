"""What can go wrong while real parts are brought to this machine and run on it."""

from dataclasses import dataclass

from gateway.errors import GatewayError


@dataclass(eq=False)
class LabError(GatewayError):
    """A real part (Asterisk, phone, Redis) cannot be had, started or reached. One line."""

    part: str
    problem: str

    def __str__(self) -> str:
        return f"{self.part}: {self.problem}"
