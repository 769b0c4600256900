package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.CronEntry;
import dev.taskqueue.TaskQueueException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the schedules of a queue as they stand in Redis, whatever anybody has written there. */
final class CronReader {

    private static final int MOST_LISTED = 10_000;
    private static final int PAGE_HEADER = 2;
    private static final int PAGE_FIELDS = 5;
    private static final int READ_FIELDS = 4;

    private final Redis redis;
    private final Keys keys;
    private final TaskCodec codec;

    CronReader(QueueContext queue) {
        this.redis = queue.redis();
        this.keys = queue.keys();
        this.codec = queue.codec();
    }

    /**
     * What stands there of one name.
     *
     * @param text the definition; null if there is none
     * @param score the next fire; null if there is none
     * @param last the id of the task that it enqueued last
     * @param problem why it is set aside
     */
    record Found(
            String cron,
            byte @Nullable [] text,
            @Nullable String score,
            Optional<String> last,
            Optional<String> problem) {}

    /**
     * Schedules as they were at one time.
     *
     * @param now that time, of Redis' clock
     * @param found one for each name that was asked for
     */
    record Reading(Instant now, List<Found> found) {}

    Reading read(List<String> names) {
        List<Object> reply = redis.list(
                Script.CRON_READ, keys.crons(), names.stream().map(Bytes::bytes).toList());
        List<Found> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int from = 1 + READ_FIELDS * i;
            all.add(found(names.get(i), reply.subList(from, from + READ_FIELDS)));
        }
        return new Reading(Instant.ofEpochMilli(Bytes.number(reply.get(0))), all);
    }

    /** All, by name; of a definition that is too long without its text. */
    List<Found> list() {
        Map<String, Found> all = new TreeMap<>();
        byte[] cursor = bytes(0);
        do {
            List<Object> page =
                    redis.list(Script.CRON_LIST, keys.crons(), List.of(cursor, bytes(CronDefinition.MAX_BYTES)));
            cursor = (byte[]) page.get(1);
            for (int i = PAGE_HEADER; i < page.size(); i += PAGE_FIELDS) {
                Found found = found(Bytes.text((byte[]) page.get(i)), page.subList(i + 1, i + PAGE_FIELDS));
                all.put(found.cron(), found);
            }
        } while (!Bytes.text(cursor).equals("0") && all.size() < MOST_LISTED);
        return List.copyOf(all.values());
    }

    private static Found found(String cron, List<Object> fields) {
        return new Found(
                cron,
                (byte[]) fields.get(0),
                text(fields.get(1)).orElse(null),
                text(fields.get(2)),
                text(fields.get(3)));
    }

    private static Optional<String> text(@Nullable Object reply) {
        return Optional.ofNullable((byte[]) reply).map(Bytes::text);
    }

    /**
     * @throws dev.taskqueue.InvalidTaskException if it cannot be read
     */
    CronDefinition definition(Found found) {
        return CronDefinition.read(found.cron(), found.text(), codec);
    }

    CronEntry entry(Found found) {
        Optional<CronDefinition> definition = Optional.empty();
        Optional<String> problem = found.problem();
        try {
            if (found.text() == null) {
                problem = problem.or(() -> Optional.of(
                        "the definition is too long; at most " + CronDefinition.MAX_BYTES + " bytes are allowed"));
            } else {
                definition = Optional.of(definition(found));
            }
        } catch (TaskQueueException e) {
            problem = problem.or(() -> Optional.of(e.getMessage()));
        }
        return new CronEntry(
                found.cron(),
                definition.map(CronDefinition::cron),
                definition.map(CronDefinition::paused).orElse(false),
                definition.flatMap(CronDefinition::owner),
                CronPlan.time(found.score()),
                found.last(),
                problem);
    }
}
