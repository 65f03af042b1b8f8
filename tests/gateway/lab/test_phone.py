"""The scriptable phone, without baresip."""

import asyncio

import pytest

from gateway.lab.phone import Phone


class Nowhere:
    """A writer whose bytes nobody reads."""

    def write(self, data: bytes) -> None:
        pass


async def test_a_phone_that_is_switched_off_while_a_reply_comes_is_off() -> None:
    phone = Phone("busy")
    phone._writer = Nowhere()  # type: ignore[assignment]
    asking = asyncio.create_task(phone.hang_up())
    await asyncio.sleep(0)
    phone._replies.put_nowait({"ok": True})
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
