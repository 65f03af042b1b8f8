"""ARI's models, under ARI's names (Asterisk: rest-api/api-docs/*.json).

Frozen and tolerant: fields this module does not know are ignored, and what only some of
Asterisk 18 to 22 send has a default. Only what identifies a resource is required.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Address: TypeAlias = tuple[str, int]


class ChannelState(StrEnum):
    """Asterisk's ast_state2str."""

    DOWN = "Down"
    RESERVED = "Rsrved"
    OFF_HOOK = "OffHook"
    DIALING = "Dialing"
    RING = "Ring"
    RINGING = "Ringing"
    UP = "Up"
    BUSY = "Busy"
    DIALING_OFF_HOOK = "Dialing Offhook"
    PRE_RING = "Pre-ring"
    MUTE = "Mute"
    UNKNOWN = "Unknown"

    @classmethod
    def _missing_(cls, value: object) -> "ChannelState":
        return cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class CallerID:
    """Name and number of one side of a call. Personal data, so `repr` does not show them."""

    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DialplanCEP:
    """Where a channel is in the dialplan."""

    context: str = ""
    exten: str = ""
    priority: int = 0
    app_name: str = ""
    app_data: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel. `protocol_id` (SIP Call-ID) is there since 20; `channelvars` as configured."""

    id: str
    name: str = ""
    state: ChannelState = ChannelState.UNKNOWN
    protocol_id: str = ""
    caller: CallerID = CallerID()
    connected: CallerID = CallerID()
    accountcode: str = ""
    dialplan: DialplanCEP = DialplanCEP()
    creationtime: str = ""
    language: str = ""
    channelvars: Mapping[str, str] = field(default_factory=dict, repr=False)
    caller_rdnis: str = field(default="", repr=False)
    tenantid: str = ""

    @property
    def technology(self) -> str:
        """The part of the name before the slash: PJSIP, UnicastRTP, Local, Snoop …"""
        return self.name.partition("/")[0]

    @property
    def media_address(self) -> Address | None:
        """Where Asterisk sends an externalMedia channel's RTP from, if this answer tells."""
        host = self.channelvars.get("UNICASTRTP_LOCAL_ADDRESS", "")
        port = self.channelvars.get("UNICASTRTP_LOCAL_PORT", "")
        return (host, int(port)) if host and port.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge and the ids of the channels in it."""

    id: str
    technology: str = ""
    bridge_type: str = ""
    bridge_class: str = ""
    creator: str = ""
    name: str = ""
    channels: tuple[str, ...] = ()
    video_mode: str = ""
    video_source_id: str = ""
    creationtime: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """A registered Stasis application and what it is subscribed to (its calls among them)."""

    name: str
    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    device_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playback:
    """A running or finished playback. `target_uri` is `channel:<id>` or `bridge:<id>`."""

    id: str
    media_uri: str = ""
    next_media_uri: str = ""
    target_uri: str = ""
    language: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class LiveRecording:
    """A recording under way. `target_uri` is `channel:<id>` or `bridge:<id>`; seconds."""

    name: str
    format: str = ""
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A finished recording in Asterisk's spool."""

    name: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A SIP peer or the like. `state` is `online`, `offline` or `unknown`."""

    technology: str
    resource: str
    state: str = "unknown"
    channel_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device's state: NOT_INUSE, INUSE, BUSY, RINGING …"""

    name: str
    state: str = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Module:
    """A loaded module. `status` is `Running` when it works."""

    name: str
    description: str = ""
    use_count: int = 0
    status: str = ""
    support_level: str = ""


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """`version` as Asterisk prints it, `entity_id` the asterisk_id of events."""

    version: str = ""
    entity_id: str = ""


@dataclass(frozen=True, slots=True)
class ConfigInfo:
    """What asterisk.conf says of limits; None where none is set."""

    name: str = ""
    default_language: str = ""
    max_channels: int | None = None
    max_open_files: int | None = None
    max_load: float | None = None


@dataclass(frozen=True, slots=True)
class StatusInfo:
    """Times of the last start and reload, as ARI writes times."""

    startup_time: str = ""
    last_reload_time: str = ""


@dataclass(frozen=True, slots=True)
class AsteriskInfo:
    """The answer to asterisk.getInfo."""

    system: SystemInfo = SystemInfo()
    config: ConfigInfo = ConfigInfo()
    status: StatusInfo = StatusInfo()


@dataclass(frozen=True, slots=True)
class AsteriskPing:
    """The answer to asterisk.ping."""

    asterisk_id: str = ""
    ping: str = ""
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class RTPstat:
    """What Asterisk knows of a channel's RTP; times in seconds, None where no RTCP came."""

    channel_uniqueid: str = ""
    txcount: int = 0
    rxcount: int = 0
    txploss: int = 0
    rxploss: int = 0
    txoctetcount: int = 0
    rxoctetcount: int = 0
    local_ssrc: int = 0
    remote_ssrc: int = 0
    txjitter: float | None = None
    rxjitter: float | None = None
    rtt: float | None = None
    maxrtt: float | None = None
    minrtt: float | None = None
