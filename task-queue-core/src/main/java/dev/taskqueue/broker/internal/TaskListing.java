package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.Task;
import dev.taskqueue.TaskEntry;
import dev.taskqueue.TaskFilter;
import dev.taskqueue.TaskPage;
import dev.taskqueue.TaskSearch.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.Protocol.Command;

/** Reads the entries of some places of a queue, a page at a time. Thread-safe. */
final class TaskListing {

    private static final int PAGE = 500;
    private static final int PAGE_BYTES = 1 << 20;

    /** Beyond that a list ends with what it has: a heap is to hold hundreds of entries, each as large as a task. */
    private static final int LISTED_BYTES = 4 << 20;

    /** How many workers, or parked types, are looked at. */
    private static final int MOST_LISTS = 10_000;

    private static final int REPLY_HEADER = 5;

    private final QueueContext queue;
    private final String name;

    TaskListing(QueueContext queue, String name) {
        this.queue = queue;
        this.name = name;
    }

    /** One list of a place, or scheduled; its name among those of its place. */
    private record Segment(Place place, String name) {

        byte[] key(Keys keys) {
            return TaskListing.key(keys, place, name);
        }
    }

    static byte[] key(Keys keys, Place place, String name) {
        return switch (place) {
            case READY_HIGH -> keys.high;
            case READY_NORMAL -> keys.normal;
            case READY_LOW -> keys.low;
            case SCHEDULED -> keys.scheduled;
            case PROCESSING -> keys.processing(name);
            case PARKED -> keys.waiting(name);
            case SUSPECTS -> keys.suspects;
            case DEAD -> keys.dead;
        };
    }

    TaskPage list(TaskFilter filter, Optional<String> from, int max) {
        Optional<TaskCursor> start = from.map(TaskCursor::parse);
        List<TaskEntry> entries = new ArrayList<>();
        int searched = 0;
        long bytes = 0;
        for (Segment segment : segments(filter.places(), start)) {
            Optional<TaskCursor> at = start.filter(cursor ->
                            cursor.place() == segment.place() && cursor.name().equals(segment.name()))
                    .or(() -> Optional.of(TaskCursor.beginningOf(segment.place(), segment.name())));
            while (at.isPresent()) {
                if (searched >= max || entries.size() >= PAGE || bytes >= LISTED_BYTES) {
                    return new TaskPage(entries, searched, at.map(TaskCursor::text));
                }
                List<Object> reply = read(segment, at.get(), Math.min(PAGE, max - searched));
                long position = Bytes.number(reply.get(0));
                for (int i = REPLY_HEADER; i < reply.size(); i += 3) {
                    TaskEntry entry = entry(segment, position++, reply.subList(i, i + 3));
                    if (filter.test(entry)) {
                        entries.add(entry);
                        bytes += entry.raw().length;
                    }
                    searched++;
                }
                at = next(segment, reply);
            }
        }
        return new TaskPage(entries, searched, Optional.empty());
    }

    /** Those from the beginning, or the cursor, on: its worker may have left, and its type may be parked no more. */
    private List<Segment> segments(List<Place> places, Optional<TaskCursor> start) {
        List<Segment> segments = new ArrayList<>();
        int first = start.map(cursor -> places.indexOf(cursor.place())).orElse(0);
        for (int i = Math.max(0, first); i < places.size(); i++) {
            boolean atStart = i == first;
            Place place = places.get(i);
            names(place).stream()
                    .filter(list -> !atStart
                            || start.isEmpty()
                            || list.compareTo(start.get().name()) >= 0)
                    .forEach(list -> segments.add(new Segment(place, list)));
        }
        return segments;
    }

    /** In an order that stays, unlike that of heartbeats. */
    private List<String> names(Place place) {
        Redis redis = queue.redis();
        Keys keys = queue.keys();
        return switch (place) {
            case PROCESSING ->
                redis.command("list", Bytes::list, Command.ZRANGE, keys.workers, 0, MOST_LISTS - 1L).stream()
                        .map(Bytes::text)
                        .sorted()
                        .toList();
            case PARKED ->
                Parking.allTypes(redis, keys, "list", MOST_LISTS).stream()
                        .sorted()
                        .toList();
            default -> List.of("");
        };
    }

    private List<Object> read(Segment segment, TaskCursor at, int max) {
        return queue.redis()
                .list(
                        Script.PLACE_PAGE,
                        List.of(segment.key(queue.keys())),
                        List.of(
                                bytes(at.offset()),
                                bytes(at.score()),
                                bytes(at.length()),
                                bytes(at.sha()),
                                bytes(max),
                                bytes(PAGE_BYTES),
                                bytes(queue.codec().maxEntryBytes())));
    }

    /** The entry that was found by its id. */
    TaskEntry entry(TaskLocator.Located located) {
        PlaceSearch.Found found = located.found();
        String list = switch (located.place()) {
            case PROCESSING -> located.worker();
            case PARKED -> found.type();
            default -> "";
        };
        Segment segment = new Segment(located.place(), list);
        boolean oldestFirst = TaskFilter.READY.places().contains(located.place()) || located.place() == Place.SCHEDULED;
        long position = oldestFirst
                ? found.position()
                // It was looked for from the other end.
                : queue.redis().command("find", Bytes::number, Command.LLEN, segment.key(queue.keys()))
                        - 1
                        - found.position();
        return entry(segment, Math.max(0, position), List.of(found.raw(), Bytes.bytes(found.score()), (long)
                found.raw().length));
    }

    private static Optional<TaskCursor> next(Segment segment, List<Object> reply) {
        String sha = Bytes.text((byte[]) reply.get(4));
        return sha.isEmpty()
                ? Optional.empty()
                : Optional.of(new TaskCursor(
                        segment.place(),
                        segment.name(),
                        Bytes.number(reply.get(1)),
                        Bytes.text((byte[]) reply.get(2)),
                        Bytes.number(reply.get(3)),
                        sha));
    }

    private TaskEntry entry(Segment segment, long position, List<Object> reply) {
        byte[] raw = (byte[]) reply.get(0);
        String score = Bytes.text((byte[]) reply.get(1));
        long length = Bytes.number(reply.get(2));
        Optional<Task> task = Optional.empty();
        Optional<String> problem = Optional.empty();
        String id = DeadLetterReader.idOf(raw);
        if (raw.length < length) {
            problem = Optional.of("the entry is " + length + " bytes long; at most "
                    + queue.codec().maxEntryBytes() + " are allowed");
            id = "raw-oversized-" + position;
        } else {
            try {
                TaskCodec.Decoded decoded = queue.codec().decode(raw, 0);
                id = decoded.ownId() ? decoded.task().id() : id;
                task = Optional.of(
                        decoded.ownId() ? decoded.task() : decoded.task().withId(id));
            } catch (MalformedTaskException | RuntimeException e) {
                problem = Optional.of(String.valueOf(e.getMessage()));
            }
        }
        return new TaskEntry(
                id,
                name,
                segment.place(),
                position,
                task,
                segment.place() == Place.PROCESSING ? Optional.of(segment.name()) : Optional.empty(),
                dueAt(score),
                problem,
                raw);
    }

    /** Anybody can have written a score that is no time. */
    private static Optional<Instant> dueAt(String score) {
        double due = score.isEmpty() ? Double.NaN : score(score);
        return Math.abs(due) < 1e15 ? Optional.of(Instant.ofEpochMilli((long) due)) : Optional.empty();
    }

    private static double score(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
