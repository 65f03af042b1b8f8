"""Amazon Polly as it is over REST (docs.aws.amazon.com, SynthesizeSpeech)."""

import json
from contextlib import AbstractAsyncContextManager

from aiohttp import web

from tests.vendors import rest_voice
from tests.vendors.aws_signature import is_signed

WANTED = {"OutputFormat": "mulaw", "SampleRate": "8000"}


class AmazonWire:
    path = "/v1/speech"
    sign_of_life = "/v1/voices"
    key_header = "authorization"
    content_type = "audio/mulaw"

    def text(self, request: web.Request, body: bytes) -> str:
        asked = json.loads(body)
        if not is_signed(request, body):
            raise ValueError("another signature")
        if not asked.items() >= WANTED.items() or not asked.get("VoiceId"):
            raise ValueError("another format")
        return str(asked["Text"])


def serving() -> AbstractAsyncContextManager[rest_voice.Server]:
    return rest_voice.serving(AmazonWire())
