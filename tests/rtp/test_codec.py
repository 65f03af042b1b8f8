import pytest

from rtp.codec import Codec


@pytest.mark.parametrize(
    ("codec", "payload_type", "clock_rate", "sample_rate", "frame_bytes", "step"),
    [
        (Codec.PCMU, 0, 8000, 8000, 160, 160),
        (Codec.PCMA, 8, 8000, 8000, 160, 160),
        (Codec.G722, 9, 8000, 16000, 160, 160),
        (Codec.L16, 118, 16000, 16000, 640, 320),
    ],
)
def test_the_numbers_of_rfc_3551(
    codec: Codec,
    payload_type: int,
    clock_rate: int,
    sample_rate: int,
    frame_bytes: int,
    step: int,
) -> None:
    assert codec.payload_type == payload_type
    assert codec.clock_rate == clock_rate
    assert codec.sample_rate == sample_rate
    assert codec.frame_bytes == frame_bytes
    assert codec.timestamp_step == step
    assert codec.frame_samples == sample_rate // 50


def test_a_leg_answers_in_its_own_codec_unless_that_is_dynamic() -> None:
    assert [codec.send_codec for codec in Codec] == [
        Codec.PCMU,
        Codec.PCMA,
        Codec.G722,
        Codec.G722,
    ]


def test_a_codec_is_read_by_its_name() -> None:
    assert Codec("PCMA") is Codec.PCMA
