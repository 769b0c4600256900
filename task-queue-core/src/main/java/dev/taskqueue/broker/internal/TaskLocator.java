package dev.taskqueue.broker.internal;

import dev.taskqueue.TaskSearch.Place;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds the entry of one task, where its status says first: in the lanes from the end that is taken from, so that what runs
 * soon is found however long they are. Not thread-safe.
 */
final class TaskLocator {

    /** How many entries to look at in each place: a second or so of round trips in the worst case. */
    static final int SEARCHED = 100_000;

    /** How many processing lists and lists of parked tasks; each is a round trip. */
    private static final int MOST_LISTS = 1_000;

    private final Redis redis;
    private final Keys keys;
    private final PlaceSearch search;

    /**
     * An entry that was found.
     *
     * @param worker who holds it; empty but in a processing list
     */
    record Located(Place place, String worker, PlaceSearch.Found found) {}

    TaskLocator(QueueContext context, String id) {
        redis = context.redis();
        keys = context.keys();
        search = new PlaceSearch(context, id, SEARCHED, true);
    }

    Optional<Located> locate(Optional<TaskStatus> status) {
        List<Supplier<Optional<Located>>> places = new ArrayList<>();
        status.filter(known -> known.state() == TaskState.RUNNING)
                .flatMap(TaskStatus::worker)
                .ifPresent(worker -> places.add(() -> held(worker)));
        boolean dead = status.filter(known -> known.state() == TaskState.DEAD).isPresent();
        if (dead) {
            return in(keys.dead, Place.DEAD);
        }
        boolean waits = status.filter(
                        known -> known.state() == TaskState.SCHEDULED || known.state() == TaskState.RETRYING)
                .isPresent();
        if (waits) {
            places.add(() -> in(keys.scheduled, Place.SCHEDULED));
        }
        places.add(() -> inLane(keys.normal, Place.READY_NORMAL));
        places.add(() -> inLane(keys.high, Place.READY_HIGH));
        places.add(() -> inLane(keys.low, Place.READY_LOW));
        if (!waits) {
            places.add(() -> in(keys.scheduled, Place.SCHEDULED));
        }
        places.add(() -> parked(status.map(TaskStatus::type).filter(type -> !type.isEmpty())));
        places.add(() -> in(keys.suspects, Place.SUSPECTS));
        places.add(this::held);
        places.add(() -> in(keys.dead, Place.DEAD));
        return places.stream().map(Supplier::get).flatMap(Optional::stream).findFirst();
    }

    private Optional<Located> parked(Optional<String> type) {
        List<byte[]> lists = type.map(known -> List.of(keys.waiting(known)))
                .orElseGet(() -> Parking.allLists(redis, keys, "why", MOST_LISTS));
        return lists.stream()
                .map(list -> in(list, Place.PARKED))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Located> held() {
        return redis.membersOf("why", keys.workers, MOST_LISTS).stream()
                .map(worker -> held(Bytes.text(worker)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Located> held(String worker) {
        return search.in(keys.processing(worker)).map(found -> new Located(Place.PROCESSING, worker, found));
    }

    private Optional<Located> in(byte[] key, Place place) {
        return search.in(key).map(found -> new Located(place, "", found));
    }

    private Optional<Located> inLane(byte[] key, Place place) {
        return search.oldestIn(key).map(found -> new Located(place, "", found));
    }

    long searched() {
        return search.searched();
    }

    boolean isComplete() {
        return search.isComplete();
    }
}
