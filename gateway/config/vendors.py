"""The settings of the vendors in the cloud: a section for each, under the vendor's own name."""

from typing import Annotated

from pydantic import Field, SecretStr

from gateway.config.values import HTTP_ADDRESS, SOCKET_ADDRESS, Folder, Section, Variable


class Deepgram(Section):
    """Deepgram, for `stt.provider = "deepgram"` and `tts.provider = "deepgram"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from Deepgram's console."""
    model: str = Field("nova-3", min_length=1)
    """The model that understands the caller, a Nova (`nova-3`) or a Flux (`flux-general-en`,
    `flux-general-multi`). It decides which languages are understood."""
    eot_threshold: float | None = Field(None, ge=0.5, le=1.0, examples=[0.7])
    """How sure Flux has to be that a turn is over. Unset: as Deepgram thinks best."""
    eager_eot_threshold: float | None = Field(None, ge=0.3, le=0.9, examples=[0.5])
    """How sure Flux has to be to say that a turn is likely over, so that the answer is begun early.
    Unset: it does not say so."""
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


class Gemini(Section):
    """Google's Gemini, for `llm.provider = "gemini"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from Google AI Studio."""
    model: str = Field("gemini-2.5-flash", min_length=1)
    """The model. On the telephone a quick one is the better one."""
    max_tokens: int = Field(500, ge=1)
    """Longest answer, with what was thought for it. A tool call that is cut off is not run."""
    thinking_budget: int = Field(0, ge=-1)
    """Tokens the model may think before its first word; 0: none, -1: as the model likes. Not every
    model can do without."""
    base_url: str = Field("https://generativelanguage.googleapis.com", pattern=HTTP_ADDRESS)
    """Where the API is, if not there."""


class Alibaba(Section):
    """Alibaba's Model Studio (DashScope), for `stt.provider = "alibaba"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from Model Studio's console, of the region in `base_url`."""
    model: str = Field("paraformer-realtime-v2", min_length=1)
    """A Paraformer model. `paraformer-realtime-8k-v2` is made for the telephone, and knows only
    Chinese at 8 kHz."""
    base_url: str = Field("https://dashscope.aliyuncs.com", pattern=HTTP_ADDRESS)
    """Where the API is: Paraformer is offered in Beijing."""


class ElevenLabs(Section):
    """ElevenLabs, for `tts.provider = "elevenlabs"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from ElevenLabs' developer settings."""
    model: str = Field("eleven_flash_v2_5", min_length=1)
    """The model. The flash ones are the quick ones."""
    base_url: str = Field("https://api.elevenlabs.io", pattern=HTTP_ADDRESS)
    """Where the API is: `https://api.eu.residency.elevenlabs.io` keeps data in Europe, for accounts
    that have it."""


class OpenAi(Section):
    """OpenAI, for `llm.provider`, `stt.provider` and `tts.provider`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from OpenAI's platform."""
    model: str = Field("gpt-4.1-mini", min_length=1)
    """The language model. On the telephone a quick one is the better one."""
    reasoning_effort: str | None = Field(None, examples=["none"])
    """How long a model that reasons thinks before its first word. Unset: as the model likes, which
    is seconds for some; models that do not reason refuse it."""
    max_tokens: int = Field(500, ge=1)
    """Longest answer. A tool call that is cut off is not run."""
    stt_model: str = Field("gpt-4o-mini-transcribe", min_length=1)
    """The model that understands the caller."""
    tts_model: str = Field("gpt-4o-mini-tts", min_length=1)
    """The model that speaks."""
    tts_instructions: str | None = Field(None, examples=["Speak warmly and without haste."])
    """How it is to speak, for models that can be told."""
    base_url: str = Field("https://api.openai.com/v1", pattern=HTTP_ADDRESS)
    """Where the API is: another region, or a proxy of your own."""


class Groq(Section):
    """Groq, for `llm.provider = "groq"` and `stt.provider = "groq"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, from Groq's console."""
    model: str = Field("llama-3.3-70b-versatile", min_length=1)
    """The language model."""
    max_tokens: int = Field(500, ge=1)
    """Longest answer. A tool call that is cut off is not run."""
    stt_model: str = Field("whisper-large-v3-turbo", min_length=1)
    """The model that understands the caller."""
    base_url: str = Field("https://api.groq.com/openai/v1", pattern=HTTP_ADDRESS)
    """Where the API is, if not there."""


class ChatServer(Section):
    """What servers that speak OpenAI's Chat Completions have in common."""

    model: str = Field("default", min_length=1)
    """The model, as the server names it."""
    max_tokens: int = Field(500, ge=1)
    """Longest answer. A tool call that is cut off is not run."""
    api_key: SecretStr | None = Field(None, examples=["..."])
    """The key, if the server asks for one."""


class OpenAiCompatible(ChatServer):
    """Any server that speaks OpenAI's Chat Completions, for `llm.provider =
    "openai-compatible"`."""

    base_url: str | None = Field(
        None, pattern=HTTP_ADDRESS, examples=["https://openrouter.ai/api/v1"]
    )
    """Where it is, up to and without `/chat/completions`."""


class Ollama(ChatServer):
    """Ollama on a machine of your own, for `llm.provider = "ollama"`."""

    model: str = Field("llama3.2", min_length=1)
    """The model. It must be one that can call tools."""
    base_url: str = Field("http://127.0.0.1:11434/v1", pattern=HTTP_ADDRESS)
    """Where it is."""


class Vllm(ChatServer):
    """vLLM on a machine of your own, for `llm.provider = "vllm"`."""

    base_url: str = Field("http://127.0.0.1:8000/v1", pattern=HTTP_ADDRESS)
    """Where it is."""


class LlamaCpp(ChatServer):
    """llama.cpp's server on a machine of your own, for `llm.provider = "llamacpp"`."""

    base_url: str = Field("http://127.0.0.1:8081/v1", pattern=HTTP_ADDRESS)
    """Where it is. Its own default port is 8080, which is also ours for `admin.bind`."""


class Azure(Section):
    """Azure Speech, for `stt.provider = "azure"` and `tts.provider = "azure"`."""

    api_key: SecretStr | None = Field(None, examples=["..."])
    """A key of the Speech resource, from the Azure portal."""
    region: str | None = Field(None, pattern=r"^[a-z0-9]+$", examples=["westeurope"])
    """The region of the Speech resource."""
    voice: str = Field("en-US-AvaMultilingualNeural", min_length=1)
    """Who speaks where a profile names no voice: a multilingual one speaks every language."""
    stt_url: str | None = Field(None, pattern=SOCKET_ADDRESS, examples=["ws://127.0.0.1:5000"])
    """Where the recogniser is, if not in the region (a container of your own)."""
    tts_url: str | None = Field(None, pattern=HTTP_ADDRESS, examples=["http://127.0.0.1:5001"])
    """Where the voices are, if not in the region (a container of your own)."""


class Amazon(Section):
    """Amazon Transcribe and Polly, for `stt.provider = "amazon"` and `tts.provider = "amazon"`.

    Credentials are found where Amazon's own programs find them.
    """

    region: Annotated[str | None, Variable("AWS_REGION")] = Field(
        None, pattern=r"^[a-z0-9-]+$", examples=["eu-west-1"]
    )
    """The region whose services are used."""
    engine: str = Field("neural", pattern=r"^(neural|standard|generative|long-form)$")
    """Polly's engine: not every voice has every engine."""
