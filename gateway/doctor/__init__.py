"""`voice-gateway doctor`: proves each leg of a call and names the fix for what fails.

Nothing is assumed that can be tried: packets really flow, channels are really made. It registers
an application of its own, so that a running gateway keeps its calls, and leaves nothing behind.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace

from gateway.app import ari_settings
from gateway.ari.client import AriClient
from gateway.config import Settings
from gateway.doctor import asterisk, live, media, parts
from gateway.doctor.examination import Check, Examination, examine
from gateway.doctor.finding import Finding, Verdict, print_finding, print_findings, summary, to_json
from gateway.doctor.line import Entrance

__all__ = [
    "CHECKS",
    "Finding",
    "Verdict",
    "print_finding",
    "print_findings",
    "run",
    "summary",
    "to_json",
]

_IN = (asterisk.REACHABLE, asterisk.AUTHORISED)
_LISTENING = (*_IN, asterisk.WEBSOCKET, media.PORT)

CHECKS = (
    Check(asterisk.REACHABLE, asterisk.reachable),
    Check(asterisk.AUTHORISED, asterisk.authorised, needs=(asterisk.REACHABLE,)),
    Check(asterisk.MODULES, asterisk.modules, needs=_IN),
    Check(asterisk.WEBSOCKET, asterisk.websocket, needs=_IN),
    Check(asterisk.APPLICATION, asterisk.application, needs=_IN),
    Check(media.PORT, media.port, needs=_IN),
    Check(media.CHANNEL, media.channel, needs=_LISTENING),
    Check(media.ADVERTISED, media.advertised, needs=(*_LISTENING, media.CHANNEL)),
    Check(media.BOTH_WAYS, media.both_ways, needs=(media.ADVERTISED,)),
    Check(parts.PROFILES, parts.profiles),
    Check(parts.LANGUAGES, parts.languages, needs=(parts.PROFILES,)),
    Check(parts.PRICES, parts.prices),
    Check(parts.REDIS, parts.store),
)
"""What is checked of every gateway; the providers that it names are checked after these."""


async def run(
    settings: Settings, tell: Callable[[Finding], None] = lambda finding: None
) -> tuple[Finding, ...]:
    """All findings, in the order of a call's way. All is well if each one is `ok`.

    `tell` hears each as it is made. What fails is a finding, never an exception.
    """
    own = replace(ari_settings(settings), app=f"{settings.ari.app}-doctor")
    async with AriClient(own) as ari, AsyncExitStack() as stack:
        checks = (*CHECKS, *live.checks(settings, needs=(parts.PROFILES,)))
        return await examine(Examination(settings, ari, Entrance(ari, stack)), checks, tell)
