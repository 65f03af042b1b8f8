"""What the client needs to know of one Asterisk."""

from dataclasses import dataclass, field

from yarl import URL

from gateway.errors import ConfigError

NOISE = (
    "ChannelVarset",
    "ChannelDialplan",
    "ChannelConnectedLine",
    "ChannelCallerId",
    "ChannelCreated",
    "BridgeCreated",
)
"""Events that tell a call nothing. Asterisk is asked not to send them (events.filter, 16.3+)."""


@dataclass(frozen=True, slots=True)
class AriSettings:
    """One Asterisk and the Stasis application we register there. Durations are seconds.

    `url` is the HTTP server's address, `http://127.0.0.1:8088`, with or without `/ari`.
    `deadline` bounds one REST operation, waiting for a free connection included. `heartbeat` is
    how often the WebSocket is pinged; a peer silent for half as long again counts as gone.
    `connections` is how many REST requests may be under way, `backlog` how many events may wait
    to be taken. Raises ConfigError when `url` is not an http(s) address or carries a password.
    """

    url: str
    username: str
    password: str = field(repr=False)
    app: str = "voice-gateway"
    deadline: float = 5.0
    connect_deadline: float = 3.0
    heartbeat: float = 10.0
    connections: int = 8
    backlog: int = 4096
    silenced: tuple[str, ...] = NOISE

    def __post_init__(self) -> None:
        try:
            url = URL(self.url)
        except ValueError:
            raise _bad_url("<not an address>") from None
        if url.user is not None or url.password is not None:
            raise ConfigError("ari.url", "<with a password>", "put it into ARI_PASSWORD instead")
        if url.scheme not in ("http", "https") or not url.host:
            raise _bad_url(self.url)

    @property
    def base(self) -> URL:
        """The address of `/ari`."""
        url = URL(self.url)
        path = url.path.rstrip("/").removesuffix("/ari")
        return url.with_path(f"{path}/ari").with_query(None).with_fragment(None)


def _bad_url(value: str) -> ConfigError:
    return ConfigError("ari.url", value, "give Asterisk's HTTP address, like http://127.0.0.1:8088")
