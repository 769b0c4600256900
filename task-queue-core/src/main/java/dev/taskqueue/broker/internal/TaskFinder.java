package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskSearch.Place;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Looks for one task in every place of a queue, a page at a time: for tasks that have no status. */
final class TaskFinder {

    /** How many entries one script looks at: some hundred microseconds. */
    private static final int PAGE = 500;

    /** The JSON of so much is read in a few milliseconds, and one entry more. */
    private static final int PAGE_BYTES = 256 << 10;

    private final Redis redis;
    private final Keys keys;
    private final String queue;
    private final byte[] id;
    private final byte[] longest;
    private final int max;
    private long searched;
    private boolean complete = true;

    TaskFinder(QueueContext context, String queue, String id, int max) {
        this.redis = context.redis();
        this.keys = context.keys();
        this.queue = queue;
        this.id = bytes(id);
        this.longest = bytes(context.codec().maxEntryBytes());
        this.max = max;
    }

    TaskSearch find() {
        return in(keys.normal, Place.READY_NORMAL, Optional.empty())
                .or(() -> in(keys.high, Place.READY_HIGH, Optional.empty()))
                .or(() -> in(keys.low, Place.READY_LOW, Optional.empty()))
                .or(() -> in(keys.scheduled, Place.SCHEDULED, Optional.empty()))
                .or(this::inProcessingLists)
                .or(() -> in(keys.suspects, Place.SUSPECTS, Optional.empty()))
                .or(this::amongParked)
                .or(() -> in(keys.dead, Place.DEAD, Optional.empty()))
                .orElseGet(() -> nowhere(searched, complete));
    }

    /** What is told where the task was not found. */
    static TaskSearch nowhere(long searched, boolean complete) {
        return new TaskSearch(
                Optional.empty(),
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                searched,
                complete);
    }

    private Optional<TaskSearch> inProcessingLists() {
        List<byte[]> workers = redis.call("find", client -> client.zrange(keys.workers, 0, max - 1L));
        for (byte[] worker : workers) {
            String name = Bytes.text(worker);
            Optional<TaskSearch> found = in(keys.processing(name), Place.PROCESSING, Optional.of(name));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<TaskSearch> amongParked() {
        List<String> types = redis.call(
                "find",
                client -> "zset".equals(client.type(Bytes.text(keys.waiting)))
                        ? client.zrange(keys.waiting, 0, max - 1L).stream()
                                .map(Bytes::text)
                                .toList()
                        : List.<String>of());
        for (String type : types) {
            Optional<TaskSearch> found = in(keys.waiting(type), Place.PARKED, Optional.empty());
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<TaskSearch> in(byte[] key, Place place, Optional<String> worker) {
        long from = 0;
        while (from < max) {
            List<Object> reply = redis.list(
                    Script.FIND,
                    List.of(key),
                    List.of(id, bytes(from), bytes(Math.min(PAGE, max - from)), bytes(PAGE_BYTES), longest));
            long looked = Bytes.number(reply.get(0));
            searched += looked;
            if (reply.size() > 2) {
                String score = Bytes.text((byte[]) reply.get(3));
                String reason = Bytes.text((byte[]) reply.get(4));
                return Optional.of(new TaskSearch(
                        Optional.of(queue),
                        Optional.of(place),
                        Bytes.text((byte[]) reply.get(2)),
                        worker,
                        score.isEmpty()
                                ? Optional.empty()
                                : Optional.of(Instant.ofEpochMilli((long) Double.parseDouble(score))),
                        reason.isEmpty() ? Optional.empty() : Optional.of(reason),
                        searched,
                        complete));
            }
            if (Bytes.number(reply.get(1)) == 0) {
                return Optional.empty();
            }
            from += looked;
        }
        complete = false;
        return Optional.empty();
    }
}
