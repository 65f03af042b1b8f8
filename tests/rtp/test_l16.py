import numpy as np
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from rtp.l16 import decode_l16, encode_l16


def test_samples_travel_most_significant_octet_first() -> None:
    octets = np.array([0x40, 0x00, 0x80, 0x00, 0x00, 0x01], np.uint8)
    assert decode_l16(octets).tolist() == [0.5, -1.0, 1 / 32768]
    assert encode_l16(decode_l16(octets)).tolist() == octets.tolist()


@settings(deadline=None)
@given(arrays.arrays(np.uint8, (3, 640)))
def test_every_frame_survives_a_round_trip(octets: NDArray[np.uint8]) -> None:
    samples = decode_l16(octets)
    assert samples.shape == (3, 320)
    assert samples.dtype == np.float32
    assert np.array_equal(encode_l16(samples), octets)


def test_too_loud_saturates() -> None:
    loud = np.array([1.0, 7.5, -1.0, -7.5], np.float32)
    assert decode_l16(encode_l16(loud)).tolist() == [32767 / 32768] * 2 + [-1.0] * 2
