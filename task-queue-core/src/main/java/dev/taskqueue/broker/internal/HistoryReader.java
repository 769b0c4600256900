package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.FinishedTask;
import dev.taskqueue.HistoryMinute;
import dev.taskqueue.TaskState;
import dev.taskqueue.internal.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what became of the tasks of one queue of late. What is not as workers write it is passed over. */
public final class HistoryReader {

    /** How long the counts of a minute are kept. */
    public static final Duration KEPT = Duration.ofHours(48);

    /** How many of the tasks that ended last are kept. */
    public static final int MAX_RECENT = 1_000;

    private static final int MAX_PAGE = 120;

    /** What the script returns before the minutes. */
    private static final int HEADER = 2;

    private final Redis redis;
    private final Keys keys;

    HistoryReader(QueueContext queue) {
        this.redis = queue.redis();
        this.keys = queue.keys();
    }

    /**
     * @param back how far to look back
     * @return the minutes in which anything ended, the oldest first, the current one with what is known of it
     */
    public List<HistoryMinute> minutes(Duration back) {
        int left = (int) Math.max(1, back.plusSeconds(59).toMinutes()) + 1;
        List<HistoryMinute> newestFirst = new ArrayList<>();
        long last = 0;
        while (left > 0) {
            List<Object> reply = redis.list(
                    Script.HISTORY, List.of(keys.history), List.of(bytes(last), bytes(Math.min(left, MAX_PAGE))));
            for (Object minute : reply.subList(HEADER, reply.size())) {
                read(Bytes.mixedList(minute)).ifPresent(newestFirst::add);
            }
            int looked = (int) Math.max(1, Bytes.number(reply.get(1)));
            last = Bytes.number(reply.get(0)) - looked;
            left -= looked;
        }
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    private static Optional<HistoryMinute> read(List<Object> reply) {
        Map<String, Map<TaskState, Long>> counts = new HashMap<>();
        for (int i = 1; i < reply.size(); i += 2) {
            String field = Bytes.text((byte[]) reply.get(i));
            int bar = field.lastIndexOf('|');
            try {
                TaskState state = TaskState.ofWireName(field.substring(bar + 1));
                long count = Long.parseLong(Bytes.text((byte[]) reply.get(i + 1)));
                if (bar > 0 && count > 0) {
                    counts.computeIfAbsent(field.substring(0, bar), type -> new EnumMap<>(TaskState.class))
                            .put(state, count);
                }
            } catch (IllegalArgumentException e) {
                // Of another program.
            }
        }
        return counts.isEmpty()
                ? Optional.empty()
                : Optional.of(new HistoryMinute(Instant.ofEpochSecond(60 * Bytes.number(reply.get(0))), counts));
    }

    /**
     * @param max how many at most
     * @return the tasks that ended last, as they were told: the latest first, but those of two workers by when these told of them
     */
    public List<FinishedTask> recent(int max) {
        List<FinishedTask> tasks = new ArrayList<>();
        for (byte[] text : Bytes.list(redis.list(Script.RECENT, List.of(keys.recent), List.of(bytes(max))))) {
            read(text).ifPresent(tasks::add);
        }
        return tasks;
    }

    private static Optional<FinishedTask> read(byte[] text) {
        try {
            JsonNode fields = Json.mapper().readTree(text);
            if (fields == null
                    || !fields.path("id").isTextual()
                    || !fields.path("at").canConvertToLong()) {
                return Optional.empty();
            }
            return Optional.of(new FinishedTask(
                    fields.path("id").asText(),
                    fields.path("type").asText(""),
                    TaskState.ofWireName(fields.path("state").asText("")),
                    Instant.ofEpochMilli(fields.path("at").longValue())));
        } catch (IOException | IllegalArgumentException e) {
            // Of another program.
            return Optional.empty();
        }
    }
}
