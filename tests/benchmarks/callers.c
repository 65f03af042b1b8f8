/* Callers who converse, as Asterisk brings them: RTP of many calls, each from a socket of its own.
 *
 *   callers LEGS QUESTION QUIET
 *
 * QUESTION is mu-law that ends with its last sound, QUIET what the line sounds like otherwise. It
 * prints the ports of all legs. Without a QUESTION, an empty file, callers are silent. A leg's call begins with the first packet that comes to it; then
 * it sends 50 packets a second, asks when the agent has been silent for a while, listens, and asks
 * again, until standard input ends. Every answer is a line of leg, when the question ended and
 * when the answer began (0: never), in nanoseconds of CLOCK_MONOTONIC; a greeting has no question
 * (0). What is not one value all over is sound.
 */
#include "udp.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum { LONGEST = 1 << 20, READY = 1024, MOST_PER_VISIT = 64 };
enum state { WAITING, GREETED, ASKING, PATIENT, LISTENING };
static const long long QUIET_FOR = 1200 * 1000000LL, PATIENCE = 10 * 1000000000LL;

struct caller {
    int socket, number, position;
    enum state state;
    long long asked, heard, asks;
};

static unsigned char question[LONGEST], quiet[LONGEST];
static long question_frames, quiet_frames;

static long load(const char *name, unsigned char *into) {
    FILE *file = fopen(name, "rb");
    if (!file) fail(name);
    long frames = fread(into, FRAME, LONGEST / FRAME, file);
    fclose(file);
    return frames;
}

static int sounds(const unsigned char *payload, long length) {
    for (long i = 1; i < length; i++)
        if (payload[i] != payload[0]) return 1;
    return 0;
}

static void report(long leg, long long asked, long long answered) {
    printf("%ld %lld %lld\n", leg, asked, answered);
    fflush(stdout);
}

static void hear(struct caller *caller, long leg, long long when) {
    switch (caller->state) {
    case GREETED: report(leg, 0, when); caller->state = LISTENING; break;
    case PATIENT: report(leg, caller->asked, when); caller->state = LISTENING; break;
    default: break;
    }
    caller->heard = when;
    /* The end of the quiet after it differs from turn to turn, or all would ask in step. */
    caller->asks = when + QUIET_FOR + rand() % 800 * MILLISECOND;
}

static void receive(struct caller *caller, long leg) {
    unsigned char line[LINE];
    struct sockaddr_in from;
    for (int visit = 0; visit < MOST_PER_VISIT; visit++) {
        socklen_t length = sizeof from;
        long got = recvfrom(caller->socket, line, sizeof line, 0, (struct sockaddr *)&from, &length);
        if (got < 0) return;
        if (caller->state == WAITING) {
            if (connect(caller->socket, (struct sockaddr *)&from, length)) fail("connect");
            caller->state = GREETED;
        }
        if (got > HEADER && sounds(line + HEADER, got - HEADER)) hear(caller, leg, now());
    }
}

static void speak(struct caller *caller, long leg, long long when) {
    unsigned char packet[PACKET];
    if (caller->state == LISTENING && when >= caller->asks && question_frames) {
        caller->state = ASKING;
        caller->position = 0;
    }
    const unsigned char *sound = quiet + (caller->number + leg * 7) % quiet_frames * FRAME;
    if (caller->state == ASKING) sound = question + caller->position++ * FRAME;
    head(packet, caller->number++, leg);
    memcpy(packet + HEADER, sound, FRAME);
    send(caller->socket, packet, PACKET, 0);
    if (caller->state == ASKING && caller->position == question_frames) {
        caller->state = PATIENT;
        caller->asked = now();
    } else if (caller->state == PATIENT && when > caller->asked + PATIENCE) {
        report(leg, caller->asked, 0);
        caller->state = LISTENING;
        caller->asks = when;
    }
}

int main(int count, char **words) {
    if (count != 4) return fprintf(stderr, "usage: see the top of %s\n", __FILE__), 2;
    int legs = atoi(words[1]), events = epoll_create1(0);
    struct rlimit files = {legs + 64, legs + 64};
    setrlimit(RLIMIT_NOFILE, &files);
    question_frames = load(words[2], question);
    quiet_frames = load(words[3], quiet);
    struct caller *callers = calloc(legs, sizeof *callers);
    for (long leg = 0; leg < legs; leg++) {
        int port;
        callers[leg].socket = udp(&port);
        struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = leg};
        if (epoll_ctl(events, EPOLL_CTL_ADD, callers[leg].socket, &wanted)) fail("epoll_ctl");
        printf("%d ", port);
    }
    printf("\n");
    fflush(stdout);

    struct pollfd end = {.fd = 0, .events = POLLIN};
    static struct epoll_event ready[READY];
    for (long long turn = now();; turn += MILLISECOND) {
        sleep_until(turn);
        for (int found = epoll_wait(events, ready, READY, 0); found > 0; found--)
            receive(&callers[ready[found - 1].data.u32], ready[found - 1].data.u32);
        long slice = turn / MILLISECOND % 20;
        for (long leg = slice; leg < legs; leg += 20)
            if (callers[leg].state != WAITING) speak(&callers[leg], leg, turn);
        if (slice == 0 && poll(&end, 1, 0) > 0) return 0;
    }
}
