package dev.taskqueue.broker.internal;

/** The time of day by Redis' clock, as the latest heartbeat told it. Thread-safe. */
final class ServerClock {

    private volatile long offset;

    /** Until it is first adjusted, the time of this machine. In ms. */
    long now() {
        return System.currentTimeMillis() + offset;
    }

    void adjust(long serverNow) {
        offset = serverNow - System.currentTimeMillis();
    }
}
