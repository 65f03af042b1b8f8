"""The admin port over real HTTP on loopback."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from pydantic import SecretStr

from gateway.admin.server import serve
from gateway.admin.view import Readiness
from gateway.config import Address, Admin
from gateway.errors import ConfigError
from gateway.metrics import Metrics
from gateway.providers.base import Json

FREE_PORT = Address("127.0.0.1", 0)
TOKEN = "door-key"
GUARDED = [
    *("/metrics", "/calls", "/costs", "/providers"),
    *("/calls/c-1", "/calls/c-9", "/nothing-here"),
]


@dataclass
class Switchboard:
    """A CallsView with one call."""

    readiness: Readiness = field(default_factory=Readiness)
    calls: Mapping[str, Mapping[str, Json]] = field(
        default_factory=lambda: {"c-1": {"id": "c-1", "turns": [{"text": "my pin is 4711"}]}}
    )

    def active(self) -> Sequence[Mapping[str, Json]]:
        return [{"id": call_id, "seconds": 12.5} for call_id in self.calls]

    def find(self, call_id: str) -> Mapping[str, Json] | None:
        return self.calls.get(call_id)

    def costs(self) -> Mapping[str, Json]:
        return {"currency": "USD", "day": "1.250000", "profiles": {"clinic": "1.250000"}}

    def providers(self) -> Sequence[Mapping[str, Json]]:
        return [{"kind": "llm", "provider": "anthropic", "breaker": "open"}]

    def ready(self) -> Readiness:
        return self.readiness


@asynccontextmanager
async def admin_port(
    view: Switchboard | None = None, *, token: str | None = None, metrics: Metrics | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    settings = Admin(bind=FREE_PORT, token=SecretStr(token) if token else None)
    async with (
        serve(settings, view or Switchboard(), metrics or Metrics()) as address,
        aiohttp.ClientSession(f"http://{address}") as client,
    ):
        yield client


async def test_health_is_told_to_everybody() -> None:
    async with admin_port(token=TOKEN) as client, client.get("/healthz") as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")


async def test_readiness_says_why_not() -> None:
    view = Switchboard()
    async with admin_port(view, token=TOKEN) as client:
        async with client.get("/readyz") as answer:
            assert (answer.status, await answer.json()) == (200, {"ready": True, "problems": []})
        view.readiness = Readiness(("no connection to Asterisk", "draining"))
        async with client.get("/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["problems"] == ["no connection to Asterisk", "draining"]


async def test_what_the_day_cost_is_told_in_exact_amounts() -> None:
    async with admin_port(token=TOKEN) as client:
        async with client.get("/costs") as answer:
            assert answer.status == 401
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with client.get("/costs", headers=headers) as answer:
            assert (await answer.json())["profiles"] == {"clinic": "1.250000"}


async def test_prometheus_reads_the_metrics() -> None:
    metrics = Metrics()
    metrics.calls.inc(3)
    async with admin_port(metrics=metrics) as client, client.get("/metrics") as answer:
        assert answer.content_type == "text/plain"
        assert "voice_gateway_calls_total 3.0" in await answer.text()


async def test_the_list_of_calls_holds_nothing_that_was_said() -> None:
    async with admin_port() as client, client.get("/calls") as answer:
        assert await answer.json() == {"calls": [{"id": "c-1", "seconds": 12.5}]}
        assert answer.headers["Cache-Control"] == "no-store"


async def test_what_was_said_needs_a_token_even_on_this_machine() -> None:
    async with admin_port() as client, client.get("/calls/c-1") as answer:
        assert answer.status == 403
        assert "4711" not in await answer.text()


async def test_the_holder_of_the_token_sees_a_call() -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with admin_port(token=TOKEN) as client:
        async with client.get("/calls/c-1", headers=headers) as answer:
            assert (await answer.json())["turns"] == [{"text": "my pin is 4711"}]
        async with client.get("/calls/c-9", headers=headers) as answer:
            assert answer.status == 404


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer schlüssel"},
    ],
)
async def test_a_set_token_guards_all_but_health(path: str, headers: Mapping[str, str]) -> None:
    async with admin_port(token=TOKEN) as client, client.get(path, headers=headers) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "10.0.0.1", "[", ""])
async def test_a_web_page_cannot_reach_the_port_under_its_own_name(path: str, host: str) -> None:
    async with admin_port() as client, client.get(path, headers={"Host": host}) as answer:
        assert answer.status in (400, 403)


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "127.0.0.1", "[::1]:8080"])
async def test_this_machine_has_several_names(host: str) -> None:
    async with admin_port() as client, client.get("/calls", headers={"Host": host}) as answer:
        assert answer.status == 200


async def test_nothing_is_changed_through_the_port() -> None:
    async with admin_port() as client:
        for path in ("/healthz", "/calls", "/calls/c-1"):
            async with client.delete(path) as answer:
                assert answer.status == 405


async def test_a_taken_port_is_a_line_for_the_operator() -> None:
    async with serve(Admin(bind=FREE_PORT), Switchboard(), Metrics()) as taken:
        with pytest.raises(ConfigError, match=f"admin.bind = {taken}: cannot listen there") as told:
            async with serve(Admin(bind=taken), Switchboard(), Metrics()):
                pytest.fail("listened twice")
        assert "ADMIN_BIND" in told.value.fix


async def test_the_port_is_free_again_afterwards() -> None:
    async with serve(Admin(bind=FREE_PORT), Switchboard(), Metrics()) as address:
        pass
    async with serve(Admin(bind=address), Switchboard(), Metrics()) as again:
        assert again == address


async def test_how_providers_are_is_shown() -> None:
    async with admin_port() as client, client.get("/providers") as answer:
        shown = {"kind": "llm", "provider": "anthropic", "breaker": "open"}
        assert await answer.json() == {"providers": [shown]}
