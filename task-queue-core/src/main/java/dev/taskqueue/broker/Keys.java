package dev.taskqueue.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.Priority;
import java.util.List;

/** Every key that one queue uses in Redis, built here and nowhere else. */
final class Keys {

    private static final int MAX_NAME_LENGTH = 128;
    private static final List<String> RESERVED_ENDINGS =
            List.of(":high", ":low", ":workers", ":scheduled", ":dead", ":paused");

    final byte[] normal;
    final byte[] high;
    final byte[] low;
    final byte[] workers;
    final byte[] scheduled;
    final byte[] dead;
    final byte[] paused;
    private final String prefix;

    /**
     * @param hashTagged whether to write the name as {@code {name}}, so that in Redis Cluster all keys share a slot
     */
    Keys(String queue, boolean hashTagged) {
        String root = hashTagged ? "{" + queue + "}" : queue;
        prefix = root + ":";
        normal = bytes(root);
        high = bytes(prefix + "high");
        low = bytes(prefix + "low");
        workers = bytes(prefix + "workers");
        scheduled = bytes(prefix + "scheduled");
        dead = bytes(prefix + "dead");
        paused = bytes(prefix + "paused");
    }

    byte[] lane(Priority priority) {
        return switch (priority) {
            case HIGH -> high;
            case NORMAL -> normal;
            case LOW -> low;
        };
    }

    byte[] processing(String worker) {
        return bytes(prefix + "processing:" + worker);
    }

    byte[] idempotency(String key) {
        return bytes(prefix + "idempotency:" + key);
    }

    byte[] task(String id) {
        return bytes(prefix + "task:" + id);
    }

    byte[] recoveries(String id) {
        return bytes(prefix + "recoveries:" + id);
    }

    /**
     * @throws IllegalArgumentException if the name is not allowed for a queue
     */
    static void check(String queue) {
        if (queue == null || queue.isBlank() || queue.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "queue name is \"" + queue + "\"; it must be 1 to " + MAX_NAME_LENGTH + " characters");
        }
        if (queue.chars()
                .anyMatch(c -> c == '{' || c == '}' || Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw new IllegalArgumentException("queue name is \"" + queue.replaceAll("\\p{Cntrl}", "?")
                    + "\"; white space, control characters and braces are not allowed");
        }
        for (String ending : RESERVED_ENDINGS) {
            if (queue.endsWith(ending)) {
                throw new IllegalArgumentException("queue name is \"" + queue + "\"; it must not end in " + ending
                        + ", which names a part of another queue");
            }
        }
    }

    private static byte[] bytes(String key) {
        return key.getBytes(UTF_8);
    }
}
