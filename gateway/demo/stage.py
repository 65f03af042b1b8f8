"""Everything the call needs, started side by side: Asterisk, gateway, two phones, a wire tap."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.demo.errors import PartFailed, Step
from gateway.demo.gateway_process import AriAccount, GatewayProcess
from gateway.demo.script import PERSON_EXTENSION
from gateway.demo.watch import Watch
from gateway.lab.asterisk import Ports, PrivateAsterisk
from gateway.lab.errors import LabError
from gateway.lab.phone import Phone
from gateway.lab.ports import LOOPBACK, leased_range
from gateway.lab.wiretap import Wiretap

CALLER = "caller"


class Stage:
    """`async with Stage(folder, watch) as stage:` — all parts are ready inside, none is left after.

    The gateway's files go to `folder`/gateway, what the phones record to `folder`/phones. Raises
    PartFailed (in a group) for the part that did not start.
    """

    def __init__(self, folder: Path, watch: Watch) -> None:
        self.recordings = folder / "phones"
        self._folder = folder
        self._watch = watch
        self._house = AsyncExitStack()
        self._phones = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            with failing(Step.ASTERISK):
                self._cast(self._house.enter_context(leased_range()).start)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._bring_gateway())
                tasks.create_task(self._bring_asterisk_and_person())
                tasks.create_task(self._bring_caller())
        except BaseException:
            await self.close()
            raise
        return self

    def _cast(self, port: int) -> None:
        """All parts, not yet started. They look for Asterisk at `port` before it is there: so it
        must be a port that no client's connection can be given meanwhile."""
        server, password = f"{LOOPBACK}:{port}", secrets.token_urlsafe(12)
        self.asterisk = PrivateAsterisk(
            ports=Ports(http=port, sip=port), password=password, say=self._watch.say
        )
        self.gateway = GatewayProcess(
            AriAccount(f"http://{server}", self.asterisk.username, password, self.asterisk.app),
            folder=self._folder / "gateway",
        )
        self.caller = Phone(CALLER, recordings=self.recordings)
        self.person = Phone(PERSON_EXTENSION, register=server, recordings=self.recordings)
        self.tap = Wiretap(server)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close_phones(self) -> None:
        """Hang up and switch the phones off: what they recorded is whole then. Idempotent."""
        await self._phones.aclose()

    async def close(self) -> None:
        """Stop everything. Idempotent."""
        await self._phones.aclose()
        await self._house.aclose()

    async def _bring_gateway(self) -> None:
        with self._watch.part("gateway: Moonshine listens, a local agent answers, hibari speaks"):
            await _enter(Step.GATEWAY, self._house, self.gateway)

    async def _bring_asterisk_and_person(self) -> None:
        with self._watch.part("Asterisk, private, on loopback"):
            await _enter(Step.ASTERISK, self._house, self.asterisk)
        with self._watch.part(f"a person's phone, registered at extension {PERSON_EXTENSION}"):
            await _enter(Step.PHONES, self._phones, self.person)

    async def _bring_caller(self) -> None:
        with self._watch.part("a caller's phone, its wire tapped"):
            self._phones.enter_context(self.tap)
            await _enter(Step.PHONES, self._phones, self.caller)


async def _enter(
    step: Step, stack: AsyncExitStack, part: AbstractAsyncContextManager[object]
) -> None:
    with failing(step):
        await stack.enter_async_context(part)


@contextmanager
def failing(step: Step) -> Iterator[None]:
    """What the laboratory reports inside the block is the failure of `step`."""
    try:
        yield
    except LabError as error:
        raise PartFailed(step, str(error)) from error
