package dev.taskqueue.broker.internal;

import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskSearch.Place;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.Protocol.Command;

/** Looks for one task in every place of a queue, a page at a time: for tasks that have no status. */
final class TaskFinder {

    private final Redis redis;
    private final Keys keys;
    private final String queue;
    private final int max;
    private final PlaceSearch search;

    TaskFinder(QueueContext context, String queue, String id, int max) {
        this.redis = context.redis();
        this.keys = context.keys();
        this.queue = queue;
        this.max = max;
        this.search = new PlaceSearch(context, id, max, false);
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
                .orElseGet(() -> nowhere(search.searched(), search.isComplete()));
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
        List<byte[]> workers = redis.command("find", Bytes::list, Command.ZRANGE, keys.workers, 0, max - 1L);
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
        for (byte[] list : Parking.allLists(redis, keys, "find", max)) {
            Optional<TaskSearch> found = in(list, Place.PARKED, Optional.empty());
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<TaskSearch> in(byte[] key, Place place, Optional<String> worker) {
        return search.in(key)
                .map(found -> new TaskSearch(
                        Optional.of(queue),
                        Optional.of(place),
                        found.type(),
                        worker,
                        found.score().isEmpty()
                                ? Optional.empty()
                                : Optional.of(Instant.ofEpochMilli((long) Double.parseDouble(found.score()))),
                        found.reason().isEmpty() ? Optional.empty() : Optional.of(found.reason()),
                        search.searched(),
                        search.isComplete()));
    }
}
