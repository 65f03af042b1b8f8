/* The far side of the media benchmark.
 *
 *   media_peer talk PORT LEGS SECONDS FILE   LEGS callers, 50 packets a second each, to 127.0.0.1:PORT
 *   media_peer echo SECONDS                  what a C loop with the same system calls costs
 *
 * A caller has a socket of its own, as each channel of Asterisk has; FILE is mu-law that every
 * caller says from another place on. `talk` prints the callers' ports, waits for a line, and at the
 * end prints packets sent and refused by the kernel, and by how many ms it was itself late, p99 and at
 * most. `echo` prints its port, looks at its socket every 5 ms as the plane does, and at the end
 * prints packets echoed and CPU seconds used.
 */
#include "udp.h"
#include <sys/resource.h>

enum { BATCH = 1024 };

static void drain(int one) {
    char line[LINE];
    while (recv(one, line, sizeof line, 0) >= 0) { }
}

static int later(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void talk(int port, int legs, double seconds, const char *name) {
    struct rlimit files = {legs + 64, legs + 64};
    setrlimit(RLIMIT_NOFILE, &files);
    FILE *file = fopen(name, "rb");
    if (!file) fail(name);
    static unsigned char voice[4 << 20];
    long frames = fread(voice, FRAME, sizeof voice / FRAME, file);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int *callers = calloc(legs, sizeof *callers);
    for (int leg = 0; leg < legs; leg++) {
        int own;
        callers[leg] = udp(&own);
        if (connect(callers[leg], (struct sockaddr *)&to, sizeof to)) fail("connect");
        printf("%d ", own);
    }
    printf("\n");
    fflush(stdout);
    if (getchar() == EOF) exit(0);

    /* One millisecond's callers are sent together, as packets from many phones come. */
    long sent = 0, refused = 0, packets = (long)(seconds * 50);
    long long start = now() + 5 * MILLISECOND;
    double *late = calloc(packets * 20, sizeof *late);
    for (long nth = 0; nth < packets; nth++)
        for (int slice = 0; slice < 20; slice++) {
            long long turn = start + nth * 20 * MILLISECOND + slice * MILLISECOND;
            sleep_until(turn);
            late[nth * 20 + slice] = (now() - turn) / (double)MILLISECOND;
            for (int leg = slice; leg < legs; leg += 20) {
                unsigned char packet[PACKET];
                head(packet, nth, leg);
                memcpy(packet + HEADER, voice + (nth + leg * 37L) % frames * FRAME, FRAME);
                drain(callers[leg]);
                if (send(callers[leg], packet, PACKET, 0) == PACKET) sent++;
                else refused++;
            }
        }
    sleep_until(now() + 60 * MILLISECOND);
    qsort(late, packets * 20, sizeof *late, later);
    printf("%ld %ld %.2f %.2f\n", sent, refused, late[packets * 20 * 99 / 100], late[packets * 20 - 1]);
}

static void echo(double seconds) {
    static char lines[BATCH][LINE];
    static struct sockaddr_in from[BATCH];
    static struct iovec in[BATCH], out[BATCH];
    static struct mmsghdr incoming[BATCH], outgoing[BATCH];
    int port, one = udp(&port);
    printf("%d\n", port);
    fflush(stdout);
    long echoed = 0;
    struct rusage used;
    for (long long start = now(), turn = start; turn < start + (long long)(seconds * SECOND);
         turn += 5 * MILLISECOND) {
        sleep_until(turn);
        int count;
        do {
            for (int i = 0; i < BATCH; i++) {
                in[i] = (struct iovec){lines[i], LINE};
                incoming[i].msg_hdr = (struct msghdr){
                    .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &in[i], .msg_iovlen = 1};
            }
            count = recvmmsg(one, incoming, BATCH, MSG_DONTWAIT, NULL);
            for (int i = 0; i < count; i++) {
                out[i] = (struct iovec){lines[i], incoming[i].msg_len};
                outgoing[i].msg_hdr = (struct msghdr){
                    .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &out[i], .msg_iovlen = 1};
            }
            for (int done = 0; done < count;) {
                int taken = sendmmsg(one, outgoing + done, count - done, 0);
                done += taken > 0 ? taken : 1;
            }
            echoed += count > 0 ? count : 0;
        } while (count == BATCH);
    }
    getrusage(RUSAGE_SELF, &used);
    printf("%ld %.6f\n", echoed, used.ru_utime.tv_sec + used.ru_stime.tv_sec +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}

int main(int count, char **words) {
    if (count == 6 && !strcmp(words[1], "talk"))
        talk(atoi(words[2]), atoi(words[3]), atof(words[4]), words[5]);
    else if (count == 3 && !strcmp(words[1], "echo"))
        echo(atof(words[2]));
    else
        return fprintf(stderr, "usage: see the top of %s\n", __FILE__), 2;
    return 0;
}
