"""Ports that nobody else takes."""

import socket
from contextlib import ExitStack

import pytest

from gateway.lab.ports import LOOPBACK, SMALL, is_free, leased_range


def test_leased_ranges_do_not_overlap() -> None:
    with ExitStack() as stack:
        ranges = [stack.enter_context(leased_range(SMALL)) for _ in range(20)]
        ports = [port for each in ranges for port in each]
    assert len(set(ports)) == len(ports) == 20 * SMALL


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_that_is_used_is_not_free(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind((LOOPBACK, 0))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        port: int = holder.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
