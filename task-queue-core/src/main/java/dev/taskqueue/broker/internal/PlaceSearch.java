package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import java.util.List;
import java.util.Optional;

/** Looks for one task in one place of a queue after the other, a page at a time. Not thread-safe. */
final class PlaceSearch {

    /** How many entries one script looks at: some hundred microseconds. */
    private static final int PAGE = 500;

    /** The JSON of so much is read in a few milliseconds, and one entry more. */
    private static final int PAGE_BYTES = 256 << 10;

    private final Redis redis;
    private final byte[] id;
    private final byte[] longest;
    private final int max;
    private final byte[] wanted;
    private long searched;
    private boolean complete = true;

    /**
     * A task that was found.
     *
     * @param score its score; empty in a list
     * @param reason why it is dead; empty where it has none
     * @param raw its bytes; empty unless they were wanted
     * @param position how many entries were passed over before it
     */
    record Found(String type, String score, String reason, byte[] raw, long position) {}

    /**
     * @param max how many entries to look at in each place
     * @param raw whether the bytes of what is found are wanted
     */
    PlaceSearch(QueueContext context, String id, int max, boolean raw) {
        this.redis = context.redis();
        this.id = bytes(id);
        this.longest = bytes(context.codec().maxEntryBytes());
        this.max = max;
        this.wanted = bytes(raw ? 1 : 0);
    }

    /** Looks in a list, or in {@code scheduled}: the newest or next due first. */
    Optional<Found> in(byte[] key) {
        return in(key, false);
    }

    /** Looks in a list as {@link #in(byte[])} does, from the end that is taken from: the oldest first. */
    Optional<Found> oldestIn(byte[] key) {
        return in(key, true);
    }

    private Optional<Found> in(byte[] key, boolean oldestFirst) {
        long from = 0;
        while (from < max) {
            List<Object> reply = redis.list(
                    Script.FIND,
                    List.of(key),
                    List.of(
                            id,
                            bytes(from),
                            bytes(Math.min(PAGE, max - from)),
                            bytes(PAGE_BYTES),
                            longest,
                            wanted,
                            bytes(oldestFirst ? 1 : 0)));
            long looked = Bytes.number(reply.get(0));
            searched += looked;
            if (reply.size() > 2) {
                return Optional.of(new Found(
                        text(reply.get(2)),
                        text(reply.get(3)),
                        text(reply.get(4)),
                        (byte[]) reply.get(5),
                        from + looked - 1));
            }
            if (Bytes.number(reply.get(1)) == 0) {
                return Optional.empty();
            }
            from += looked;
        }
        complete = false;
        return Optional.empty();
    }

    private static String text(Object reply) {
        return Bytes.text((byte[]) reply);
    }

    /** How many entries were looked at so far. */
    long searched() {
        return searched;
    }

    /** Whether each place was looked through to its end, as far as was asked. */
    boolean isComplete() {
        return complete;
    }
}
