"""What Azure's own Speech SDK makes of a server: `python -m tests.vendors.azure_sdk ADDRESS`.

Says half a second of sound in mu-law and prints the events as they come. A program of its own,
because the SDK keeps native threads of its own in whatever process it is in.
"""

import sys
from threading import Event

import azure.cognitiveservices.speech as speech

PATIENCE = 60.0


def main(address: str) -> None:
    config = speech.SpeechConfig(subscription="key", host=address)
    config.speech_recognition_language = "en-US"
    config.output_format = speech.OutputFormat.Detailed
    waves = speech.audio.AudioStreamWaveFormat
    form = speech.audio.AudioStreamFormat(8000, 8, 1, wave_stream_format=waves.MULAW)
    stream = speech.audio.PushAudioInputStream(form)
    recognizer = speech.SpeechRecognizer(config, speech.audio.AudioConfig(stream=stream))
    over = Event()
    recognizer.recognizing.connect(lambda event: say("recognizing", event.result.text))
    recognizer.recognized.connect(lambda event: say("recognized", event.result.text))
    recognizer.canceled.connect(lambda event: say("canceled", event.cancellation_details.reason))
    recognizer.session_stopped.connect(lambda _event: over.set())
    recognizer.start_continuous_recognition_async().get()
    stream.write(b"\x90" * 4000)
    stream.close()
    if over.wait(PATIENCE):
        recognizer.stop_continuous_recognition_async().get()


def say(*what: object) -> None:
    sys.stdout.write(" ".join(map(str, what)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
