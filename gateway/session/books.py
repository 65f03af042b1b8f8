"""Reading in Asterisk what is there of ours, and clearing away what serves nobody."""

import structlog

from gateway.ari.client import AriClient
from gateway.call.commands import Continue, Release
from gateway.errors import AriNotFound
from gateway.session.hands import Hands
from gateway.session.recovery import Adopt, Books, Delete, Destroy, HandBack, Step, survivors

log = structlog.get_logger()


async def read(ari: AriClient) -> Books:
    """What Asterisk holds now. Raises AriError."""
    app = ari.settings.app
    try:
        inside = frozenset((await ari.applications.get(app)).channel_ids)
    except AriNotFound:
        inside = frozenset()
    return Books(app, inside, await ari.channels.list(), await ari.bridges.list())


async def clear(step: Step, hands: Hands) -> None:
    """Carry out a step that is no Adopt; what is already gone is as it should be."""
    log.warning("left_over", step=repr(step))
    match step:
        case HandBack(channel):
            await hands.carry_out(Continue(channel, "recovered"))
        case Delete(channel):
            await hands.carry_out(Release((channel,), None, "left over"))
        case Destroy(bridge):
            await hands.carry_out(Release((), bridge, "left over"))
        case Adopt():
            pass


async def sweep(hands: Hands) -> int:
    """Clear away everything that serves nobody; two people who talk are left alone."""
    steps = [step for step in survivors(await read(hands.ari)) if not isinstance(step, Adopt)]
    for step in steps:
        await clear(step, hands)
    return len(steps)
