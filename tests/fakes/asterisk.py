"""A small Asterisk that speaks ARI as the real one was measured to: for tests without one.

It keeps channels, bridges and applications, sends the events a real Asterisk 22 sends in the order
it sends them, and refuses what it refuses with the same status and words. externalMedia channels
own a real UDP socket and, two in one bridge, hear each other. What a test wants to go wrong it
says: `phase`, `refuse`, `slow`, `drop_sockets`, `modules`, `rtp_flows` (through a bridge),
`rtp_loses_every`, `rtp_leaves` (by itself), `media_host` (where it claims to send from). With
`media_ports` its channels' RTP is somebody else's, from these ports. `channelvars` is that line of
its ari.conf: variables that are told with every event.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Self

from aiohttp import WSMsgType, encode_basic_auth, web

Fields = dict[str, object]
Answer = web.Response

MODULES = (
    "app_stasis.so",
    "bridge_simple.so",
    "chan_rtp.so",
    "codec_ulaw.so",
    "res_ari.so",
    "res_ari_applications.so",
    "res_ari_asterisk.so",
    "res_ari_bridges.so",
    "res_ari_channels.so",
    "res_ari_events.so",
    "res_http_websocket.so",
    "res_rtp_asterisk.so",
    "res_rtp_multicast.so",
    "res_stasis.so",
    "res_stasis_answer.so",
)
STAMP = "2026-11-22T15:48:51.072+0000"
ENTITY = "02:fc:00:00:00:01"
INTERNAL = "An internal error prevented this request from being handled"


class Phase(StrEnum):
    """How far Asterisk is up. Refused comes before: the server does not listen."""

    NO_ARI = "404"
    STARTING = "503"
    UP = "200"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    body: object


@dataclass(eq=False, slots=True)
class FakeChannel:
    """A channel, and for externalMedia its RTP socket."""

    id: str
    name: str
    state: str = "Down"
    app: str | None = None
    caller: str = ""
    exten: str = ""
    bridge: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    subscribed: bool = False
    originated: bool = False
    left_to: tuple[str | None, str | None] | None = None
    rtp: "RtpSocket | None" = None

    def json(self) -> Fields:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": "",
            "caller": {"name": "", "number": self.caller},
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": {
                "context": "default",
                "exten": self.exten or "s",
                "priority": 1,
                "app_name": "Stasis",
                "app_data": self.app or "",
            },
            "creationtime": STAMP,
            "language": "en",
            "channelvars": {name: self.variables.get(name, "") for name in self.told},
        }


@dataclass(eq=False, slots=True)
class FakeBridge:
    id: str
    name: str = ""
    type: str = "mixing"
    channels: list[str] = field(default_factory=list)
    subscribed: set[str] = field(default_factory=set)

    def json(self) -> Fields:
        return {
            "id": self.id,
            "technology": "simple_bridge",
            "bridge_type": self.type,
            "bridge_class": "stasis",
            "creator": "Stasis",
            "name": self.name,
            "channels": list(self.channels),
            "creationtime": STAMP,
            "video_mode": "none",
        }


@dataclass(eq=False, slots=True)
class FakeApp:
    """A registered application: the queue feeds the socket of the client that has it."""

    name: str
    outbox: "asyncio.Queue[str | None]"
    disallowed: set[str] = field(default_factory=set)


class RtpSocket(asyncio.DatagramProtocol):
    """The UDP end of an externalMedia channel, strict about its peer as Asterisk is."""

    def __init__(self, peer: tuple[str, int], heard: Callable[[bytes], None]) -> None:
        self.peer = peer
        self._heard = heard
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr == self.peer:
            self._heard(data)

    def send(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.sendto(data, self.peer)

    @property
    def port(self) -> int:
        assert self.transport is not None
        port: int = self.transport.get_extra_info("sockname")[1]
        return port

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()


class FakeAsterisk:
    """An async context manager; `url` is what ARI_URL would be."""

    def __init__(self, *, username: str = "gateway", password: str = "secret") -> None:
        self.username = username
        self.password = password
        self.read_only = False
        self.phase = Phase.UP
        self.version = "22.10.1"
        self.modules = list(MODULES)
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: dict[str, FakeBridge] = {}
        self.apps: dict[str, FakeApp] = {}
        self.endpoints: dict[str, str] = {}
        self.seen: list[Seen] = []
        self.fallbacks: list[str] = []
        self.rtp_flows = True
        self.rtp_leaves = True
        self.rtp_loses_every: int | None = None
        self.media_host = "127.0.0.1"
        self.media_ports: Iterator[int] | None = None
        self.media_vars_in_answer = True
        self.channelvars: tuple[str, ...] = ()
        self.stasis_delay = 0.001
        self._refusals: list[tuple[re.Pattern[str], int, str, int | None]] = []
        self._answers: list[tuple[re.Pattern[str], str]] = []
        self._delays: list[tuple[re.Pattern[str], float]] = []
        self._sockets: set[asyncio.Transport] = set()
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    # --- the server ---------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after a `stop` on the same port again, with nothing left of before."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Go away as a killed Asterisk does: no events, connections cut."""
        self._abort_sockets()
        for channel in self.channels.values():
            _close_rtp(channel)
        self.channels.clear()
        self.bridges.clear()
        self.apps.clear()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that happened here made `condition` true."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    # --- what a test says ---------------------------------------------------------------------

    def refuse(self, operation: str, status: int, message: str, *, times: int | None = 1) -> None:
        """Answer requests that match `METHOD path` (a regular expression) with an error."""
        self._refusals.append((re.compile(operation), status, message, times))

    def answer_with(self, operation: str, body: str) -> None:
        """Answer requests that match `METHOD path` with 200 and any body."""
        self._answers.append((re.compile(operation), body))

    def slow(self, operation: str, seconds: float) -> None:
        """Answer requests that match `METHOD path` late."""
        self._delays.append((re.compile(operation), seconds))

    def drop_sockets(self) -> None:
        """Cut every WebSocket's TCP connection; applications without channels are gone."""
        self._abort_sockets()
        self.apps.clear()

    def forget(self, app: str) -> None:
        """Lose a registration, as a race in Asterisk can: its WebSocket stays open and silent."""
        del self.apps[app]

    def say(self, app: str, message: str) -> None:
        """Send raw text to the client of `app`."""
        self.apps[app].outbox.put_nowait(message)

    def call(
        self,
        channel_id: str,
        app: str,
        *args: str,
        caller: str = "caller",
        variables: Mapping[str, str] | None = None,
    ) -> FakeChannel:
        """A phone calls and the dialplan runs Stasis(app, args). Without the app: `fallbacks`."""
        channel = FakeChannel(
            channel_id,
            f"PJSIP/anonymous-{len(self.channels):08x}",
            state="Ring",
            caller=caller,
            exten="100",
            variables=dict(variables or {}),
            told=self.channelvars,
        )
        self.channels[channel_id] = channel
        if app in self.apps:
            self._enter(channel, app, args)
        else:
            self._leave_by_itself(channel)
        return channel

    def hang_up(self, channel_id: str, *, cause: int = 16) -> None:
        """The far side hangs up."""
        channel = self.channels[channel_id]
        self._event(channel, "ChannelHangupRequest", channel=channel.json(), cause=cause)
        self._end(channel, cause)

    def dtmf(self, channel_id: str, digit: str) -> None:
        channel = self.channels[channel_id]
        self._event(
            channel, "ChannelDtmfReceived", digit=digit, duration_ms=180, channel=channel.json()
        )

    def hold(self, channel_id: str, *, on: bool) -> None:
        """The far side puts us on hold, or is back."""
        channel = self.channels[channel_id]
        kind = "ChannelHold" if on else "ChannelUnhold"
        self._event(channel, kind, channel=channel.json())

    def pick_up(self, channel_id: str) -> None:
        """The far side of an originated channel answers."""
        channel = self.channels[channel_id]
        channel.state = "Up"
        self._dial(channel, "ANSWER")
        self._enter(channel, channel.app or "", ())

    def decline(self, channel_id: str, *, dialstatus: str = "BUSY", cause: int = 17) -> None:
        """The far side of an originated channel does not answer."""
        channel = self.channels[channel_id]
        self._dial(channel, dialstatus)
        self._destroy(channel, cause)

    # --- events -------------------------------------------------------------------------------

    def _event(self, channel: FakeChannel, type_: str, /, **fields: object) -> None:
        if channel.app is not None:
            self._tell(channel.app, type_, **fields)

    def _tell(self, app_name: str, type_: str, /, **fields: object) -> None:
        app = self.apps.get(app_name)
        if app is None or type_ in app.disallowed:
            return
        message = {
            "type": type_,
            "timestamp": STAMP,
            **fields,
            "asterisk_id": ENTITY,
            "application": app_name,
        }
        app.outbox.put_nowait(json.dumps(message))

    def _enter(self, channel: FakeChannel, app: str, args: tuple[str, ...]) -> None:
        channel.app = app
        self._tell(app, "StasisStart", args=list(args), channel=channel.json())

    def _leave_by_itself(self, channel: FakeChannel) -> None:
        self.fallbacks.append(channel.id)
        channel.app = None

    def _dial(self, channel: FakeChannel, dialstatus: str) -> None:
        self._event(channel, "Dial", dialstatus=dialstatus, dialstring="", peer=channel.json())

    def _unbridge(self, channel: FakeChannel) -> None:
        bridge = self.bridges.get(channel.bridge or "")
        channel.bridge = None
        if bridge is not None:
            bridge.channels.remove(channel.id)
            self._event(channel, "ChannelLeftBridge", bridge=bridge.json(), channel=channel.json())

    def _end(self, channel: FakeChannel, cause: int) -> None:
        self._unbridge(channel)
        self._event(channel, "StasisEnd", channel=channel.json())
        self._destroy(channel, cause)

    def _destroy(self, channel: FakeChannel, cause: int) -> None:
        self.channels.pop(channel.id, None)
        self._changed.set()
        _close_rtp(channel)
        if channel.subscribed or channel.originated:
            self._event(
                channel,
                "ChannelDestroyed",
                cause=cause,
                cause_txt="Normal Clearing" if cause == 16 else "",
                channel=channel.json(),
            )

    # --- HTTP ---------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/ari/")
        body = await request.json() if request.can_read_body else None
        self.seen.append(Seen(request.method, path, dict(request.query), body))
        self._changed.set()
        match self.phase:
            case Phase.NO_ARI:
                return Answer(status=404, text="<h1>Not Found</h1>", content_type="text/html")
            case Phase.STARTING:
                return Answer(status=503, text="<h1>Unavailable</h1>", content_type="text/html")
            case Phase.UP:
                return await self._authorised(request, path, body)

    async def _authorised(
        self, request: web.Request, path: str, body: object
    ) -> web.StreamResponse:
        if not self._knows(request.headers.get("Authorization", "")):
            return _error(401, "Authentication required")
        if self.read_only and request.method != "GET":
            return _error(403, "Write access denied")
        operation = f"{request.method} {path}"
        for pattern, seconds in self._delays:
            if pattern.search(operation):
                await asyncio.sleep(seconds)
        if (refusal := self._refusal(operation)) is not None:
            return refusal
        for pattern, text in self._answers:
            if pattern.search(operation):
                return Answer(text=text, content_type="application/json")
        if path == "events":
            return await self._events(request)
        return await self._operation(request, path, body)

    def _knows(self, authorization: str) -> bool:
        return authorization == encode_basic_auth(self.username, self.password)

    def _refusal(self, operation: str) -> web.Response | None:
        for index, (pattern, status, message, times) in enumerate(self._refusals):
            if pattern.search(operation):
                if times is not None:
                    left = (pattern, status, message, times - 1)
                    self._refusals[index : index + 1] = [left] if times > 1 else []
                return _error(status, message)
        return None

    async def _operation(self, request: web.Request, path: str, body: object) -> web.Response:
        for method, pattern, handler in self._routes():
            match = re.fullmatch(pattern, path)
            if match is not None and method == request.method:
                return await handler(dict(request.query), body, *match.groups())
        return _error(404, "Resource not found")

    def _routes(self) -> tuple[tuple[str, str, Callable[..., Awaitable[web.Response]]], ...]:
        one = "([^/]+)"
        return (
            ("GET", "asterisk/ping", self._ping),
            ("GET", "asterisk/info", self._info),
            ("GET", "asterisk/modules", self._list_modules),
            ("GET", f"asterisk/modules/{one}", self._get_module),
            ("GET", "asterisk/variable", self._global_variable),
            ("GET", "applications", self._list_applications),
            ("GET", f"applications/{one}", self._get_application),
            ("PUT", f"applications/{one}/eventFilter", self._filter),
            ("POST", f"applications/{one}/subscription", self._subscribe),
            ("POST", f"events/user/{one}", self._user_event),
            ("GET", "channels", self._list_channels),
            ("POST", "channels", self._originate),
            ("POST", "channels/externalMedia", self._external_media),
            ("GET", f"channels/{one}", self._get_channel),
            ("DELETE", f"channels/{one}", self._hangup),
            ("POST", f"channels/{one}/answer", self._answer),
            ("POST", f"channels/{one}/continue", self._continue),
            ("GET", f"channels/{one}/variable", self._get_variable),
            ("POST", f"channels/{one}/variable", self._set_variable),
            ("POST", f"channels/{one}/play", self._play),
            ("POST", f"channels/{one}/silence", self._silence),
            *(
                (method, f"channels/{one}/{verb}", self._nothing)
                for verb in ("ring", "moh", "hold", "mute", "dtmf", "redirect", "dial")
                for method in ("POST", "DELETE")
            ),
            ("GET", "bridges", self._list_bridges),
            ("POST", f"bridges/{one}", self._create_bridge),
            ("GET", f"bridges/{one}", self._get_bridge),
            ("DELETE", f"bridges/{one}", self._destroy_bridge),
            ("POST", f"bridges/{one}/addChannel", self._add_channel),
            ("POST", f"bridges/{one}/removeChannel", self._remove_channel),
            ("GET", f"endpoints/{one}/{one}", self._get_endpoint),
        )

    # --- asterisk, endpoints ------------------------------------------------------------------

    async def _ping(self, query: Fields, body: object) -> Answer:
        return _json({"asterisk_id": ENTITY, "ping": "pong", "timestamp": STAMP})

    async def _info(self, query: Fields, body: object) -> Answer:
        return _json({"system": {"version": self.version, "entity_id": ENTITY}})

    async def _list_modules(self, query: Fields, body: object) -> Answer:
        return _json([_module(name) for name in self.modules])

    async def _get_module(self, query: Fields, body: object, name: str) -> Answer:
        if name not in self.modules:
            return _error(404, "Module could not be found in running modules")
        return _json(_module(name))

    async def _global_variable(self, query: Fields, body: object) -> Answer:
        return _json({"value": ""})

    async def _get_endpoint(self, query: Fields, body: object, tech: str, name: str) -> Answer:
        state = self.endpoints.get(f"{tech}/{name}")
        if state is None:
            return _error(404, "Endpoint not found")
        return _json({"technology": tech, "resource": name, "state": state, "channel_ids": []})

    # --- applications -------------------------------------------------------------------------

    def _application(self, name: str) -> Fields:
        mine = [channel for channel in self.channels.values() if channel.app == name]
        return {
            "name": name,
            "channel_ids": [channel.id for channel in mine],
            "bridge_ids": sorted({channel.bridge for channel in mine if channel.bridge}),
            "endpoint_ids": [],
            "device_names": [],
            "events_allowed": [],
            "events_disallowed": [],
        }

    def _app_names(self) -> set[str]:
        """Registered ones, and those whose client is gone while calls are in them."""
        return set(self.apps) | {c.app for c in self.channels.values() if c.app is not None}

    async def _list_applications(self, query: Fields, body: object) -> Answer:
        return _json([self._application(name) for name in sorted(self._app_names())])

    async def _get_application(self, query: Fields, body: object, name: str) -> Answer:
        if name not in self._app_names():
            return _error(404, "Application not found")
        return _json(self._application(name))

    async def _filter(
        self, query: Fields, body: Mapping[str, list[Mapping[str, str]]], name: str
    ) -> Answer:
        if name not in self.apps:
            return _error(404, "Application not found")
        self.apps[name].disallowed = {entry["type"] for entry in body.get("disallowed", [])}
        return _json(self._application(name))

    async def _subscribe(self, query: Mapping[str, str], body: object, name: str) -> Answer:
        if name not in self._app_names():
            return _error(404, "Application not found")
        scheme, _, id_ = query["eventSource"].partition(":")
        if scheme not in ("channel", "bridge", "endpoint", "deviceState"):
            return _error(400, "Invalid event source URI scheme")
        if scheme in ("channel", "bridge"):
            if id_ not in self.channels and id_ not in self.bridges:
                return _error(422, "Event source does not exist")
            if scheme == "channel":
                self.channels[id_].subscribed = True
            else:
                self.bridges[id_].subscribed.add(name)
        return _json(self._application(name))

    async def _user_event(self, query: Mapping[str, str], body: object, name: str) -> Answer:
        app = query["application"]
        if app not in self._app_names():
            return _error(404, "Application not found")
        self._tell(app, "ChannelUserevent", eventname=name, userevent={"eventname": name})
        return Answer(status=204)

    # --- channels -----------------------------------------------------------------------------

    async def _list_channels(self, query: Fields, body: object) -> Answer:
        return _json([channel.json() for channel in self.channels.values()])

    async def _get_channel(self, query: Fields, body: object, id_: str) -> Answer:
        if id_ not in self.channels:
            return _error(404, "Channel not found")
        return _json(self.channels[id_].json())

    def _id_is_taken(self, new: str) -> bool:
        """Asterisk compares only as many characters as the new id has, in any case."""
        return any(live.lower().startswith(new.lower()) for live in self.channels)

    async def _external_media(self, query: Mapping[str, str], body: object) -> Answer:
        host, _, port = query.get("external_host", "").rpartition(":")
        id_ = query.get("channelId") or f"1795362531.{len(self.seen)}"
        if not host or not port.isdecimal():
            return _error(400, "external_host must be <host>:<port> for all transports")
        if query.get("format") not in ("ulaw", "alaw", "g722", "slin", "slin16"):
            return _error(500, INTERNAL)
        if self._id_is_taken(id_):
            return _error(500, INTERNAL)
        channel = FakeChannel(id_, f"UnicastRTP/{host}:{port}-0x7f", originated=True)
        channel.variables = _variables(body)
        self.channels[id_] = channel
        await self._open_rtp(channel, (host, int(port)))
        answer = channel.json()
        if self.media_vars_in_answer:
            answer["channelvars"] = dict(channel.variables)
        args = tuple(query.get("data", "").split(",")) if query.get("data") else ()
        self._later(lambda: self._media_up(channel, query["app"], args))
        return _json(answer)

    async def _open_rtp(self, channel: FakeChannel, peer: tuple[str, int]) -> None:
        channel.variables["UNICASTRTP_LOCAL_ADDRESS"] = self.media_host
        if self.media_ports is not None:
            channel.variables["UNICASTRTP_LOCAL_PORT"] = str(next(self.media_ports))
            return
        loop = asyncio.get_running_loop()
        _, channel.rtp = await loop.create_datagram_endpoint(
            lambda: RtpSocket(peer, lambda data: self._relay(channel, data)),
            local_addr=("127.0.0.1", 0),
        )
        channel.variables["UNICASTRTP_LOCAL_PORT"] = str(channel.rtp.port)

    def _relay(self, channel: FakeChannel, data: bytes) -> None:
        bridge = self.bridges.get(channel.bridge or "")
        if bridge is None or not self.rtp_flows:
            return
        if self.rtp_loses_every is not None and data[3] % self.rtp_loses_every == 0:
            return
        for other in bridge.channels:
            socket = self.channels[other].rtp
            if other != channel.id and socket is not None:
                socket.send(data)

    def _media_up(self, channel: FakeChannel, app: str, args: tuple[str, ...]) -> None:
        if channel.id not in self.channels:
            return
        if app not in self.apps:
            self._destroy(channel, 16)
            return
        channel.app = app
        self._dial(channel, "")
        channel.state = "Up"
        self._event(channel, "ChannelStateChange", channel=channel.json())
        self._dial(channel, "ANSWER")
        self._enter(channel, app, args)

    def _later(self, act: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(self.stasis_delay, act)

    async def _originate(self, query: Mapping[str, str], body: object) -> Answer:
        endpoint = query["endpoint"]
        id_ = query.get("channelId") or f"1795362531.{len(self.seen)}"
        if self.endpoints.get(endpoint) is None:
            return Answer(status=500, text=json.dumps({"error": "Allocation failed"}))
        if self._id_is_taken(id_):
            return _error(500, INTERNAL)
        channel = FakeChannel(id_, f"{endpoint}-00000001", originated=True, app=query.get("app"))
        channel.variables = _variables(body)
        self.channels[id_] = channel
        self._later(lambda: self._ringing(channel))
        return _json(channel.json())

    def _ringing(self, channel: FakeChannel) -> None:
        if channel.id in self.channels and channel.state == "Down":
            self._dial(channel, "")
            channel.state = "Ringing"
            self._dial(channel, "RINGING")

    def _missing(self, id_: str) -> Answer | None:
        channel = self.channels.get(id_)
        if channel is None:
            return _error(404, "Channel not found")
        if channel.app is None:
            return _error(409, "Channel not in Stasis application")
        return None

    async def _nothing(self, query: Fields, body: object, id_: str) -> Answer:
        return self._missing(id_) or Answer(status=204)

    async def _answer(self, query: Fields, body: object, id_: str) -> Answer:
        if (missing := self._missing(id_)) is not None:
            return missing
        channel = self.channels[id_]
        if channel.state != "Up":
            channel.state = "Up"
            self._event(channel, "ChannelStateChange", channel=channel.json())
        return Answer(status=204)

    async def _continue(self, query: Mapping[str, str], body: object, id_: str) -> Answer:
        if (missing := self._missing(id_)) is not None:
            return missing
        channel = self.channels[id_]
        self._unbridge(channel)
        self._event(channel, "StasisEnd", channel=channel.json())
        channel.left_to = (query.get("context"), query.get("extension"))
        channel.app = None
        self._changed.set()
        return Answer(status=204)

    async def _hangup(self, query: Mapping[str, str], body: object, id_: str) -> Answer:
        channel = self.channels.get(id_)
        if channel is None:
            return _error(404, "Channel not found")
        if "reason" in query and "reason_code" in query:
            return _error(400, "The reason and reason_code can't both be specified")
        self._event(channel, "ChannelHangupRequest", soft=True, cause=32, channel=channel.json())
        self._end(channel, int(query.get("reason_code", "16")))
        return Answer(status=204)

    async def _get_variable(self, query: Mapping[str, str], body: object, id_: str) -> Answer:
        channel = self.channels.get(id_)
        if channel is None:
            return _error(404, "Provided channel was not found")
        name = query["variable"]
        if name not in channel.variables:
            return _error(404, "Provided variable was not found")
        return _json({"value": channel.variables[name]})

    async def _set_variable(self, query: Mapping[str, str], body: object, id_: str) -> Answer:
        channel = self.channels.get(id_)
        if channel is None:
            return _error(404, "Channel not found")
        channel.variables[query["variable"]] = query.get("value", "")
        return Answer(status=204)

    async def _silence(self, query: Fields, body: object, id_: str) -> Answer:
        """Asterisk sends by itself then, 50 packets a second; here ten at once."""
        if (missing := self._missing(id_)) is not None:
            return missing
        rtp = self.channels[id_].rtp
        if rtp is not None and self.rtp_leaves:
            for number in range(10):
                rtp.send(bytes([0x80, 0, 0, number]) + bytes(8) + b"\xff" * 160)
        return Answer(status=204)

    async def _play(self, query: Mapping[str, str], body: object, id_: str) -> Answer:
        if (missing := self._missing(id_)) is not None:
            return missing
        playback = {
            "id": query.get("playbackId", f"playback-{len(self.seen)}"),
            "media_uri": query["media"],
            "target_uri": f"channel:{id_}",
            "language": "en",
            "state": "queued",
        }
        channel = self.channels[id_]
        finished = {**playback, "state": "done"}
        self._later(lambda: self._event(channel, "PlaybackFinished", playback=finished))
        return Answer(status=201, text=json.dumps(playback), content_type="application/json")

    # --- bridges ------------------------------------------------------------------------------

    async def _list_bridges(self, query: Fields, body: object) -> Answer:
        return _json([bridge.json() for bridge in self.bridges.values()])

    async def _get_bridge(self, query: Fields, body: object, id_: str) -> Answer:
        if id_ not in self.bridges:
            return _error(404, "Bridge not found")
        return _json(self.bridges[id_].json())

    async def _create_bridge(self, query: Mapping[str, str], body: object, id_: str) -> Answer:
        if id_ in self.bridges:
            return _error(409, f"Bridge with id '{id_}' already exists")
        bridge = FakeBridge(id_, query.get("name", ""), query.get("type", "mixing"))
        self.bridges[id_] = bridge
        return _json(bridge.json())

    async def _destroy_bridge(self, query: Fields, body: object, id_: str) -> Answer:
        bridge = self.bridges.get(id_)
        if bridge is None:
            return _error(404, "Bridge not found")
        for member in tuple(bridge.channels):
            self._unbridge(self.channels[member])
        del self.bridges[id_]
        for app in bridge.subscribed:
            self._tell(app, "BridgeDestroyed", bridge=bridge.json())
        return Answer(status=204)

    async def _add_channel(self, query: Mapping[str, str], body: object, id_: str) -> Answer:
        bridge = self.bridges.get(id_)
        if bridge is None:
            return _error(404, "Bridge not found")
        members = query["channel"].split(",")
        if any(member not in self.channels for member in members):
            return _error(400, "Channel not found")
        channels = [self.channels[member] for member in members]
        if any(channel.app is None for channel in channels):
            return _error(422, "Channel not in Stasis application")
        for channel in channels:
            self._unbridge(channel)
            channel.bridge = id_
            bridge.channels.append(channel.id)
            self._event(
                channel, "ChannelEnteredBridge", bridge=bridge.json(), channel=channel.json()
            )
        return Answer(status=204)

    async def _remove_channel(self, query: Mapping[str, str], body: object, id_: str) -> Answer:
        bridge = self.bridges.get(id_)
        if bridge is None:
            return _error(404, "Bridge not found")
        for member in query["channel"].split(","):
            if member not in bridge.channels:
                return _error(422, "Channel not in this bridge")
            self._unbridge(self.channels[member])
        return Answer(status=204)

    # --- the WebSocket ------------------------------------------------------------------------

    async def _events(self, request: web.Request) -> web.StreamResponse:
        name = request.query.get("app", "")
        if not name:
            return _error(400, "Missing required parameter: app")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if (former := self.apps.get(name)) is not None:
            self._tell(name, "ApplicationReplaced")
            former.outbox.put_nowait(None)
        app = FakeApp(name, asyncio.Queue())
        self.apps[name] = app
        self._changed.set()
        with self._abortable(request):
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(_write(socket, app.outbox))
                await _until_closed(socket)
                writer.cancel()
        if self.apps.get(name) is app:
            del self.apps[name]
        self._changed.set()
        return socket

    @contextmanager
    def _abortable(self, request: web.Request) -> Iterator[None]:
        transport = request.transport
        assert transport is not None
        self._sockets.add(transport)
        try:
            yield
        finally:
            self._sockets.discard(transport)

    def _abort_sockets(self) -> None:
        for transport in self._sockets:
            transport.abort()


async def _write(socket: web.WebSocketResponse, outbox: "asyncio.Queue[str | None]") -> None:
    """Send until told to fall silent: a replaced client's socket stays open."""
    with suppress(ConnectionResetError):
        while (message := await outbox.get()) is not None:
            await socket.send_str(message)


async def _until_closed(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return


def _close_rtp(channel: FakeChannel) -> None:
    if channel.rtp is not None:
        channel.rtp.close()


def _json(value: object) -> web.Response:
    return web.json_response(value)


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


def _module(name: str) -> Fields:
    return {
        "name": name,
        "description": "",
        "use_count": 0,
        "status": "Running",
        "support_level": "core",
    }


def _variables(body: object) -> dict[str, str]:
    match body:
        case {"variables": dict() as variables}:
            return dict(variables)
        case _:
            return {}
