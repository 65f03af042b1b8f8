"""The settings of the vendors in the cloud: a section for each, under the vendor's own name."""

from pydantic import Field, SecretStr

from gateway.config.values import HTTP_ADDRESS, Folder, Section


class Deepgram(Section):
    """Deepgram's streaming recogniser, for `stt.provider = "deepgram"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from Deepgram's console."""
    model: str = Field("nova-3", min_length=1)
    """A Nova model. It decides which languages are understood."""
    base_url: str = Field("https://api.deepgram.com", pattern=HTTP_ADDRESS)
    """Where the API is: another region, or your own installation of Deepgram."""


class Anthropic(Section):
    """Claude, for `llm.provider = "anthropic"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from Anthropic's console."""
    model: str = Field("claude-haiku-4-5", min_length=1)
    """The model. On the telephone a quick one is the better one."""
    max_tokens: int = Field(500, ge=1)
    """Longest answer. A tool call that is cut off is not run."""
    base_url: str = Field("https://api.anthropic.com", pattern=HTTP_ADDRESS)
    """Where the API is, if not there (a gateway or proxy of your own)."""


class Google(Section):
    """Google Cloud, for `stt.provider = "google"` and `tts.provider = "google"`."""

    application_credentials: Folder | None = Field(None, examples=["service-account.json"])
    """The JSON file with the key of a service account."""
    tts_endpoint: str = Field("texttospeech.googleapis.com", min_length=1)
    """The host of Text-to-Speech; Google names others for its regions."""
    stt_model: str = Field("telephony", min_length=1)
    """A model of Speech-to-Text v2. With the location, it decides which languages there are."""
    stt_location: str = Field("global", pattern=r"^[a-z0-9-]+$")
    """Where Speech-to-Text listens: `global`, `eu`, `us` or a region like `europe-west4`."""
