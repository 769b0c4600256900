package dev.taskqueue.broker.internal;

import dev.taskqueue.RawJson;
import dev.taskqueue.internal.TaskLimits;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Tells from the oldest entries of the lanes since when the task has been ready that has waited longest. */
final class OldestReady {

    /** How many of a lane are looked at: a few retries, or bare pushes, may come first. */
    static final int ENTRIES = 10;

    /** Of each lane; few payloads are larger, and most entries take a few hundred bytes. */
    static final int BYTES = 64 << 10;

    private OldestReady() {}

    /**
     * @param lanes of each lane its oldest entries, the oldest first: what is behind one has waited no longer
     */
    static Optional<Instant> of(List<Object> lanes) {
        long oldest = Long.MAX_VALUE;
        for (Object lane : lanes) {
            for (byte[] entry : Bytes.list(lane)) {
                OptionalLong since = since(entry);
                if (since.isPresent()) {
                    oldest = Math.min(oldest, since.getAsLong());
                    break;
                }
            }
        }
        return oldest == Long.MAX_VALUE ? Optional.empty() : Optional.of(Instant.ofEpochMilli(oldest));
    }

    private static OptionalLong since(byte[] entry) {
        Map<String, RawJson> fields = new HashMap<>();
        try {
            RawJson.readMembers(entry, fields::put);
        } catch (RuntimeException e) {
            // Malformed; whoever claims it moves it to the dead letters.
            return OptionalLong.empty();
        }
        OptionalLong created = millis(fields.get("created_at"));
        boolean retried = number(fields.get("retry")).orElse(0) != 0;
        return created.isEmpty() || retried
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(
                        created.getAsLong(), millis(fields.get("run_at")).orElse(0)));
    }

    private static OptionalLong millis(RawJson value) {
        OptionalLong millis = number(value);
        return millis.isPresent() && millis.getAsLong() >= 0 && millis.getAsLong() <= TaskLimits.MAX_TIME_MILLIS
                ? millis
                : OptionalLong.empty();
    }

    private static OptionalLong number(RawJson value) {
        return value == null ? OptionalLong.empty() : value.longValue();
    }
}
