/* What the far sides of the benchmarks share: a clock, and sockets as a channel of Asterisk has. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 160, HEADER = 12, PACKET = HEADER + FRAME, LINE = 2048 };
static const long MILLISECOND = 1000000L, SECOND = 1000000000L;

static void fail(const char *what) { perror(what); exit(1); }

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * (long long)SECOND + t.tv_nsec;
}

static void sleep_until(long long when) {
    struct timespec t = {when / SECOND, when % SECOND};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) { }
}

static int udp(int *port) {
    int one = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), buffer = 8 << 20;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    if (one < 0) fail("socket");
    setsockopt(one, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    setsockopt(one, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    if (bind(one, (struct sockaddr *)&at, sizeof at)) fail("bind");
    getsockname(one, (struct sockaddr *)&at, &length);
    *port = ntohs(at.sin_port);
    return one;
}

static void head(unsigned char *packet, long number, long leg) {
    unsigned short sequence = htons((unsigned short)(number + leg));
    unsigned int stamp = htonl((unsigned int)(number * FRAME)), ssrc = htonl(leg + 1);
    packet[0] = 0x80, packet[1] = 0;
    memcpy(packet + 2, &sequence, 2);
    memcpy(packet + 4, &stamp, 4);
    memcpy(packet + 8, &ssrc, 4);
}
