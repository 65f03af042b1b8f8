"""ARI's events, under ARI's names, and two of our own about the WebSocket itself.

`parse` turns a WebSocket message into one of them and never raises: a type this module does not
know is an UnknownEvent, anything that is not an ARI event a MalformedEvent.
Source: Asterisk, rest-api/api-docs/events.json (18 to 22; what only some send has a default).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, get_args

from pydantic_core import from_json

from gateway.ari.decoding import Undecodable, decode
from gateway.ari.resources import (
    Bridge,
    Channel,
    DeviceState,
    Endpoint,
    LiveRecording,
    Playback,
)

# --- about the connection: our own ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connected:
    """The WebSocket is open and the application registered.

    Nothing that happened while there was no connection is told afterwards: compare
    `applications.get` with the calls at hand.
    """

    reconnected: bool


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The WebSocket is gone; calls go on in Asterisk, their events are lost."""

    reason: str


# --- what Asterisk tells ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """Common to all. `timestamp` as ARI writes it: 2026-11-22T15:48:51.072+0000."""

    application: str = ""
    timestamp: str = ""
    asterisk_id: str = ""


@dataclass(frozen=True, slots=True)
class StasisStart(_Event):
    """A channel entered the application: a caller, or one we made (its id tells)."""

    channel: Channel
    args: tuple[str, ...] = ()
    replace_channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class StasisEnd(_Event):
    """A channel left the application. For a caller the last event, unless subscribed."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class ApplicationReplaced(_Event):
    """Another client registered our application: this one will hear nothing any more."""


@dataclass(frozen=True, slots=True)
class ApplicationRegistered(_Event):
    """An application registered."""


@dataclass(frozen=True, slots=True)
class ApplicationUnregistered(_Event):
    """An application is gone."""


@dataclass(frozen=True, slots=True)
class ApplicationMoveFailed(_Event):
    """channels.move named an application that does not exist."""

    channel: Channel
    destination: str = ""
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelCreated(_Event):
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelDestroyed(_Event):
    """The channel is gone. `cause` is Q.850, `tech_cause` the SIP status where there is one."""

    channel: Channel
    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelStateChange(_Event):
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelDtmfReceived(_Event):
    """Told at the end of the digit."""

    channel: Channel
    digit: str = field(default="", repr=False)
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class ChannelHangupRequest(_Event):
    """Someone wants the channel to end; `soft` when it was Asterisk or we."""

    channel: Channel
    cause: int | None = None
    soft: bool = False
    tech_cause: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelEnteredBridge(_Event):
    bridge: Bridge
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class ChannelLeftBridge(_Event):
    bridge: Bridge
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelDialplan(_Event):
    channel: Channel
    dialplan_app: str = ""
    dialplan_app_data: str = ""


@dataclass(frozen=True, slots=True)
class ChannelCallerId(_Event):
    channel: Channel
    caller_presentation: int = 0
    caller_presentation_txt: str = ""


@dataclass(frozen=True, slots=True)
class ChannelConnectedLine(_Event):
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelVarset(_Event):
    variable: str
    value: str = field(default="", repr=False)
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class ChannelHold(_Event):
    channel: Channel
    musicclass: str = ""


@dataclass(frozen=True, slots=True)
class ChannelUnhold(_Event):
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelTalkingStarted(_Event):
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelTalkingFinished(_Event):
    """`duration` of the talking in milliseconds."""

    channel: Channel
    duration: int = 0


@dataclass(frozen=True, slots=True)
class ChannelToneDetected(_Event):
    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelUserevent(_Event):
    eventname: str
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None
    userevent: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dial(_Event):
    """Progress of an outgoing call: dialstatus is "", RINGING, PROGRESS, ANSWER, BUSY …"""

    peer: Channel
    dialstatus: str = ""
    caller: Channel | None = None
    dialstring: str = ""
    forward: str = ""
    forwarded: Channel | None = None


@dataclass(frozen=True, slots=True)
class BridgeCreated(_Event):
    bridge: Bridge


@dataclass(frozen=True, slots=True)
class BridgeDestroyed(_Event):
    """Told only to an application that subscribed to the bridge."""

    bridge: Bridge


@dataclass(frozen=True, slots=True)
class BridgeMerged(_Event):
    bridge: Bridge
    bridge_from: Bridge


@dataclass(frozen=True, slots=True)
class BridgeBlindTransfer(_Event):
    """A phone transferred the call by REFER."""

    channel: Channel
    exten: str = ""
    context: str = ""
    result: str = ""
    is_external: bool = False
    bridge: Bridge | None = None
    transferee: Channel | None = None
    replace_channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class BridgeAttendedTransfer(_Event):
    """A phone joined two of its calls."""

    transferer_first_leg: Channel
    transferer_second_leg: Channel
    result: str = ""
    is_external: bool = False
    destination_type: str = ""
    transferee: Channel | None = None
    transfer_target: Channel | None = None
    replace_channel: Channel | None = None
    transferer_first_leg_bridge: Bridge | None = None
    transferer_second_leg_bridge: Bridge | None = None
    destination_bridge: str = ""
    destination_application: str = ""


@dataclass(frozen=True, slots=True)
class PlaybackStarted(_Event):
    playback: Playback


@dataclass(frozen=True, slots=True)
class PlaybackContinuing(_Event):
    playback: Playback


@dataclass(frozen=True, slots=True)
class PlaybackFinished(_Event):
    playback: Playback


@dataclass(frozen=True, slots=True)
class RecordingStarted(_Event):
    recording: LiveRecording


@dataclass(frozen=True, slots=True)
class RecordingFinished(_Event):
    recording: LiveRecording


@dataclass(frozen=True, slots=True)
class RecordingFailed(_Event):
    recording: LiveRecording


@dataclass(frozen=True, slots=True)
class DeviceStateChanged(_Event):
    device_state: DeviceState


@dataclass(frozen=True, slots=True)
class EndpointStateChange(_Event):
    endpoint: Endpoint


AriEvent: TypeAlias = (
    StasisStart
    | StasisEnd
    | ApplicationReplaced
    | ApplicationRegistered
    | ApplicationUnregistered
    | ApplicationMoveFailed
    | ChannelCreated
    | ChannelDestroyed
    | ChannelStateChange
    | ChannelDtmfReceived
    | ChannelHangupRequest
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | ChannelDialplan
    | ChannelCallerId
    | ChannelConnectedLine
    | ChannelVarset
    | ChannelHold
    | ChannelUnhold
    | ChannelTalkingStarted
    | ChannelTalkingFinished
    | ChannelToneDetected
    | ChannelUserevent
    | Dial
    | BridgeCreated
    | BridgeDestroyed
    | BridgeMerged
    | BridgeBlindTransfer
    | BridgeAttendedTransfer
    | PlaybackStarted
    | PlaybackContinuing
    | PlaybackFinished
    | RecordingStarted
    | RecordingFinished
    | RecordingFailed
    | DeviceStateChanged
    | EndpointStateChange
)
Event: TypeAlias = AriEvent | Connected | Disconnected


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """A well-formed event of a type newer than this module."""

    type: str


@dataclass(frozen=True, slots=True)
class MalformedEvent:
    """Not an ARI event. `reason` names the fault and the field, never a value."""

    reason: str


KINDS: tuple[type[AriEvent], ...] = get_args(AriEvent)
_TYPES = {kind.__name__: kind for kind in KINDS}


def parse(message: str | bytes) -> AriEvent | UnknownEvent | MalformedEvent:
    """One WebSocket message as an event. Never raises on any input."""
    try:
        fields = from_json(message)
    except ValueError:
        return MalformedEvent("not JSON")
    if not isinstance(fields, dict) or not isinstance(name := fields.get("type"), str):
        return MalformedEvent("no type")
    if name not in _TYPES:
        return UnknownEvent(name)
    try:
        return decode(_TYPES[name], fields)
    except Undecodable as error:
        return MalformedEvent(f"{name}: {error}")


def involved(event: AriEvent) -> tuple[str, ...]:
    """The ids of the channels and bridges an event is about, each once, the subject first."""
    ids: dict[str, None] = {}
    for name in event.__dataclass_fields__:
        match getattr(event, name):
            case Channel(id=id_) | Bridge(id=id_):
                ids[id_] = None
            case Playback(target_uri=uri) | LiveRecording(target_uri=uri):
                ids[uri.partition(":")[2]] = None
            case _:
                pass
    return tuple(ids)
