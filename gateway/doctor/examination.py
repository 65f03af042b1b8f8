"""Checks, the order they depend on, and how they are run."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.ari.client import AriClient
from gateway.config import Settings
from gateway.doctor.finding import Finding, skipped
from gateway.doctor.line import Entrance


@dataclass(frozen=True, slots=True)
class Examination:
    """What checks work with. `ari` registers an application of the doctor's own."""

    settings: Settings
    ari: AriClient
    entrance: Entrance


@dataclass(frozen=True, slots=True)
class Check:
    """A small proof. Made only if all that it `needs` was well."""

    name: str
    prove: Callable[[Examination], Awaitable[Finding]]
    needs: tuple[str, ...] = ()


async def examine(
    examination: Examination,
    checks: Sequence[Check],
    tell: Callable[[Finding], None] = lambda finding: None,
) -> tuple[Finding, ...]:
    """Make the checks one after the other; `tell` hears each finding as it is made."""
    findings: dict[str, Finding] = {}
    for check in checks:
        missing = [need for need in check.needs if not findings[need].ok]
        if missing:
            finding = skipped(check.name, missing[0])
        else:
            finding = await check.prove(examination)
        findings[check.name] = finding
        tell(finding)
    return tuple(findings.values())
