"""As much of SIP (RFC 3261) and SDP (RFC 8866) as a phone on loopback needs. Pure."""

import re
from dataclasses import dataclass, replace
from typing import Self

COMPACT = {
    "i": "call-id",
    "m": "contact",
    "f": "from",
    "t": "to",
    "v": "via",
    "l": "content-length",
    "c": "content-type",
}
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class SipMessage:
    """A request or a response. Header names are found in any case and in their compact form."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @classmethod
    def parse(cls, datagram: bytes) -> Self:
        """Of a whole UDP datagram. Never raises: what is no header line is left out."""
        head, _, body = datagram.decode(errors="replace").partition("\r\n\r\n")
        start, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        pairs = (line.partition(":") for line in lines if ":" in line)
        return cls(start, tuple((name.strip(), value.strip()) for name, _, value in pairs), body)

    def encode(self) -> bytes:
        """The datagram, with the Content-Length of the body."""
        body = self.body.encode()
        kept = [(name, value) for name, value in self.headers if _full(name) != "content-length"]
        lines = [self.start, *(f"{name}: {value}" for name, value in kept)]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}"])
        return head.encode() + b"\r\n\r\n" + body

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if _full(key) == name.lower()]

    def get(self, name: str) -> str:
        """The first header of that name, empty if there is none."""
        return next(iter(self.all(name)), "")

    def with_header(self, name: str, value: str) -> Self:
        """Every header of that name replaced by one value; unchanged where there is none."""
        headers = tuple(
            (key, value if _full(key) == name.lower() else old) for key, old in self.headers
        )
        return replace(self, headers=headers)

    def with_body(self, body: str) -> Self:
        return replace(self, body=body)

    @property
    def status(self) -> int | None:
        """The status code of a response, None for a request."""
        return int(self.start[8:11]) if self.start.startswith("SIP/2.0 ") else None

    @property
    def reason(self) -> str:
        return self.start[8:]

    @property
    def method(self) -> str:
        """The request's method, of a response the method it answers."""
        return self.get("cseq").rpartition(" ")[2]

    @property
    def call_id(self) -> str:
        return self.get("call-id")

    @property
    def branch(self) -> str:
        """The transaction's name in the topmost Via."""
        match = re.search(r"branch=([^;,\s]+)", self.get("via"))
        return match[1] if match else ""

    @property
    def contact(self) -> str:
        """The URI of Contact."""
        match = re.search(r"<([^>]*)>", self.get("contact"))
        return match[1] if match else self.get("contact")


def _full(name: str) -> str:
    lower = name.lower()
    return COMPACT.get(lower, lower)


def response(request: SipMessage, status: str, *, contact: str = "", sdp: str = "") -> SipMessage:
    """The answer `status` ("200 OK") to `request` within its dialog."""
    copied = ("via", "from", "to", "call-id", "cseq", "record-route")
    headers = [(name, value) for name, value in request.headers if _full(name) in copied]
    if contact:
        headers.append(("Contact", f"<{contact}>"))
    if sdp:
        headers.append(("Content-Type", "application/sdp"))
    return SipMessage(f"SIP/2.0 {status}", tuple(headers), sdp)


def audio_sdp(address: Address, *, version: int) -> str:
    """An offer or answer of mu-law and DTMF events (RFC 4733) in 20 ms packets at `address`."""
    ip, port = address
    lines = [
        "v=0",
        f"o=- {port} {version} IN IP4 {ip}",
        "s=-",
        f"c=IN IP4 {ip}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
        "a=ptime:20",
        "a=sendrecv",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def audio_address(sdp: str) -> Address | None:
    """Where the sender of `sdp` wants audio; None if it has no audio or refuses it (port 0)."""
    port = re.search(r"(?m)^m=audio (\d+)", sdp)
    ip = re.search(r"(?m)^c=IN IP4 (\S+)", sdp)
    if not port or not ip or port[1] == "0":
        return None
    return ip[1], int(port[1])


def with_audio_address(sdp: str, address: Address) -> str:
    """The same SDP, asking for audio at `address`."""
    ip, port = address
    sdp = re.sub(r"(?m)^c=IN IP4 \S+", f"c=IN IP4 {ip}", sdp)
    sdp = re.sub(r"(?m)^m=audio \d+", f"m=audio {port}", sdp)
    return re.sub(r"(?m)^a=rtcp:\d+", f"a=rtcp:{port + 1}", sdp)
