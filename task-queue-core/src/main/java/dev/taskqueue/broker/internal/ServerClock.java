package dev.taskqueue.broker.internal;

/**
 * The time of day by Redis' clock, as replies tell it: never ahead of it by more than the two clocks drift apart between two
 * replies, and behind it by no more than the quickest reply took. A jump of this machine's own clock changes nothing.
 * Thread-safe.
 */
final class ServerClock {

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Redis' time minus the ticker, in ns, as far as is certain; read without a lock. */
    private volatile long offsetNanos = System.currentTimeMillis() * NANOS_PER_MILLI - System.nanoTime();

    private boolean adjusted;

    /** Until it is first adjusted, the time of this machine as it was when this was made. In ms. */
    long now() {
        return Math.floorDiv(System.nanoTime() + offsetNanos, NANOS_PER_MILLI);
    }

    /** To be read before a request whose reply tells the time. */
    long ticks() {
        return System.nanoTime();
    }

    /**
     * Learns from a reply.
     *
     * @param serverNow the time that it told, in ms
     * @param askedTicks the ticks before the request
     */
    void adjust(long serverNow, long askedTicks) {
        adjust(serverNow, askedTicks, System.nanoTime());
    }

    /** Redis read its clock between the two ticks: that bounds how far it is ahead of them. */
    synchronized void adjust(long serverNow, long askedTicks, long answeredTicks) {
        long server = serverNow * NANOS_PER_MILLI;
        long least = server - answeredTicks;
        long most = server + NANOS_PER_MILLI - askedTicks;
        // A quick reply tells more than a slow one; a bound that contradicts it tells that a clock was set.
        if (!adjusted || least > offsetNanos || most < offsetNanos) {
            offsetNanos = least;
            adjusted = true;
        }
    }
}
