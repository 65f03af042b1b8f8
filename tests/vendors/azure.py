"""Azure's text-to-speech as it is over REST (learn.microsoft.com, Text to speech REST API)."""

from contextlib import AbstractAsyncContextManager
from xml.etree import ElementTree

from aiohttp import web

from tests.vendors import rest_voice

SSML = "{http://www.w3.org/2001/10/synthesis}"


class AzureWire:
    path = "/cognitiveservices/v1"
    sign_of_life = "/cognitiveservices/voices/list"
    key_header = "ocp-apim-subscription-key"
    content_type = "audio/basic"

    def text(self, request: web.Request, body: bytes) -> str:
        if request.content_type != "application/ssml+xml" or "user-agent" not in request.headers:
            raise ValueError("not SSML")
        if request.headers["x-microsoft-outputformat"] != "raw-8khz-8bit-mono-mulaw":
            raise ValueError("another format")
        speak = ElementTree.fromstring(body)
        voice = speak.find(f"{SSML}voice")
        if speak.tag != f"{SSML}speak" or voice is None or not voice.get("name"):
            raise ValueError("no voice")
        return "".join(voice.itertext())


def serving() -> AbstractAsyncContextManager[rest_voice.Server]:
    return rest_voice.serving(AzureWire())
