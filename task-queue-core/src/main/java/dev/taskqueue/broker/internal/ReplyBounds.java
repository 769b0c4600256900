package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many bytes of entries one reply of Redis may bring, so that no entry and no number of them can fill the heap. A script
 * stops once it has handed over that many, hence brings at most one task more; what is longer than any task it buries itself.
 */
final class ReplyBounds {

    private static final Logger LOG = LoggerFactory.getLogger(ReplyBounds.class);

    private static final long MOST_BYTES = 8 << 20;

    /** A task that runs is there as bytes and as what was read from them, and so are those that wait to be committed. */
    private static final int SHARE_OF_HEAP = 32;

    /** For scripts: after how many bytes of entries to stop. */
    final byte[] room;

    /** For scripts: the length of the longest task. */
    final byte[] longest;

    private final long roomBytes;
    private final int longestBytes;
    private final FirstTime firstTime = new FirstTime();

    ReplyBounds(int longestTask) {
        longestBytes = longestTask;
        longest = bytes(longestTask);
        roomBytes = Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
        room = bytes(roomBytes);
    }

    long roomBytes() {
        return roomBytes;
    }

    boolean isOversized(byte[] raw) {
        return raw.length > longestBytes;
    }

    /**
     * Logs what a script tells of an entry that was too long: at the given place in its reply the length, 0 for none, and
     * after it whether it is in dead now.
     *
     * @return how many entries were moved to the dead letters
     */
    int oversized(List<Object> reply, int at) {
        long length = Bytes.number(reply.get(at));
        if (length == 0) {
            return 0;
        }
        if (Bytes.number(reply.get(at + 1)) == 1) {
            LOG.atWarn()
                    .addKeyValue("bytes", length)
                    .addKeyValue("reason", "longer than any task: " + longestBytes + " bytes")
                    .log("moved oversized entry to dead letters");
            return 1;
        }
        if (firstTime.of("oversized " + length)) {
            LOG.atError()
                    .addKeyValue("bytes", length)
                    .log("cannot move oversized entry to dead letters: the key has a wrong type; skipped");
        }
        return 0;
    }
}
