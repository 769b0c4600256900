package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Cron;
import dev.taskqueue.CronEntry;
import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.internal.CronReader.Found;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The schedules of a queue. What changes them reads first, works out the next fires by Redis' clock, and writes only if nobody
 * has changed them in between; else it starts again.
 */
public final class CronStore {

    private static final int MOST = 1_000;
    private static final int MOST_SYNC_BYTES = 8 << 20;

    /** How often others may be faster. */
    private static final int ATTEMPTS = 20;

    private static final byte[] KEEP = bytes("keep");

    private final QueueContext queue;
    private final Redis redis;
    private final String name;
    private final CronReader reader;
    private final CronTasks tasks;

    CronStore(QueueContext queue, String name) {
        this.queue = queue;
        this.redis = queue.redis();
        this.name = name;
        this.reader = new CronReader(queue);
        this.tasks = new CronTasks(queue);
    }

    /**
     * One schedule that changes.
     *
     * @param found as it was
     * @param text as it is to be; empty: it goes
     * @param fire its next fire; empty: none
     */
    private record Change(Found found, byte[] text, byte[] fire) {}

    /**
     * @param cron the schedule
     * @return it as it stands now
     */
    public CronEntry put(Cron cron) {
        check(cron);
        return changeOne(cron.name(), (found, now) -> put(CronDefinition.of(cron, Optional.empty()), found, now))
                .orElseThrow();
    }

    /**
     * @param cron its name
     * @return whether there was one
     */
    public boolean remove(String cron) {
        return changeOne(cron, (found, now) -> found.text() == null ? null : removal(found))
                .isPresent();
    }

    /**
     * @param cron its name
     * @param paused whether it fires nothing from now on
     * @return whether there is one
     */
    public boolean pause(String cron, boolean paused) {
        return changeOne(cron, (found, now) -> {
                    if (found.text() == null) {
                        return null;
                    }
                    CronDefinition definition = reader.definition(found).withPaused(paused);
                    return change(definition, found, now);
                })
                .isPresent();
    }

    /**
     * @param owner who calls
     * @param crons what is to stand there of it
     * @return the names of those that were removed
     */
    public List<String> sync(String owner, List<Cron> crons) {
        Map<String, Cron> wanted = new LinkedHashMap<>();
        long size = 0;
        for (Cron cron : crons) {
            check(cron);
            size += CronDefinition.of(cron, Optional.of(owner)).write().length;
            if (wanted.put(cron.name(), cron) != null) {
                throw new InvalidTaskException("schedule " + cron.name() + " is given twice; each name stands for one");
            }
        }
        if (wanted.size() > MOST || size > MOST_SYNC_BYTES) {
            throw new InvalidTaskException(wanted.size() + " schedules of " + size + " bytes as JSON; at most " + MOST
                    + " of " + MOST_SYNC_BYTES + " are allowed");
        }
        for (int i = 0; i < ATTEMPTS; i++) {
            List<String> removed = list().stream()
                    .filter(entry -> entry.owner().equals(Optional.of(owner)))
                    .map(CronEntry::name)
                    .filter(there -> !wanted.containsKey(there))
                    .toList();
            List<String> names = new ArrayList<>(wanted.keySet());
            names.addAll(removed);
            CronReader.Reading reading = reader.read(names);
            List<Change> changes = new ArrayList<>();
            for (Found found : reading.found()) {
                Cron cron = wanted.get(found.cron());
                if (cron != null) {
                    changes.add(put(CronDefinition.of(cron, Optional.of(owner)), found, reading.now()));
                } else if (isOwned(found, owner)) {
                    changes.add(removal(found));
                }
            }
            if (changes.isEmpty() || carryOut(changes)) {
                return removed;
            }
        }
        throw tooManyOthers("the schedules of " + owner);
    }

    /**
     * @return all schedules, by name
     */
    public List<CronEntry> list() {
        return reader.list().stream().map(reader::entry).toList();
    }

    /**
     * @param cron its name
     * @return its task, enqueued now, or the one that holds its key; empty if there is no such schedule
     */
    public Optional<Enqueued> runNow(String cron) {
        for (int i = 0; i < ATTEMPTS; i++) {
            CronReader.Reading reading = reader.read(List.of(cron));
            Found found = reading.found().get(0);
            if (found.text() == null) {
                return Optional.empty();
            }
            CronTasks.Fire fire =
                    tasks.fire(bytes(cron), found.text(), reader.definition(found), reading.now(), reading.now());
            try {
                CronTasks.Fired fired = fire.carryOut();
                if (fired.error().isEmpty()) {
                    String standing = fired.holder().orElse(fire.id());
                    return Optional.of(new Enqueued(standing, fired.holder().isEmpty(), name));
                }
                if (!fired.error().equals(CronTasks.STALE)) {
                    throw new BrokerUnavailableException("cannot enqueue " + fire.id() + ": " + fired.error(), null);
                }
            } catch (Redis.BrokenRequestException e) {
                throw new OutcomeUnknownException(
                        e.getMessage() + "; " + fire.id() + " may have been enqueued",
                        0,
                        List.of(),
                        List.of(fire.id()),
                        e);
            }
        }
        throw tooManyOthers("schedule " + cron);
    }

    /**
     * Asks Redis nothing.
     *
     * @param cron a schedule
     * @throws InvalidTaskException if it is not allowed here
     */
    public void check(Cron cron) {
        // As large as a task with the longest id would be.
        CronDefinition.of(cron, Optional.empty()).write();
        queue.codec().encode(tasks.sample(cron));
    }

    /** What is there keeps its pause, and also its next fire, if its times stay. */
    private Change put(CronDefinition wanted, Found found, Instant now) {
        boolean paused = false;
        if (found.text() != null) {
            try {
                paused = reader.definition(found).paused();
            } catch (TaskQueueException e) {
                // It is replaced.
            }
        }
        return change(wanted.withPaused(paused), found, now);
    }

    private Change change(CronDefinition wanted, Found found, Instant now) {
        byte[] fire = Bytes.EMPTY;
        if (!wanted.paused()) {
            fire = keepsTimes(wanted, found)
                    ? KEEP
                    : wanted.cron()
                            .next(now)
                            .map(next -> bytes(next.toEpochMilli()))
                            .orElse(Bytes.EMPTY);
        }
        return new Change(found, wanted.write(), fire);
    }

    private boolean keepsTimes(CronDefinition wanted, Found found) {
        try {
            return found.text() != null && found.score() != null && wanted.firesLike(reader.definition(found));
        } catch (TaskQueueException e) {
            return false;
        }
    }

    private static Change removal(Found found) {
        return new Change(found, Bytes.EMPTY, Bytes.EMPTY);
    }

    private boolean isOwned(Found found, String owner) {
        try {
            return found.text() != null && reader.definition(found).owner().equals(Optional.of(owner));
        } catch (TaskQueueException e) {
            return false;
        }
    }

    /**
     * @param change makes a change of what was found; null: none
     * @return the schedule after it, or as it was where it was removed; empty where nothing was changed
     */
    private Optional<CronEntry> changeOne(String cron, BiFunction<Found, Instant, Change> change) {
        for (int i = 0; i < ATTEMPTS; i++) {
            CronReader.Reading reading = reader.read(List.of(cron));
            Found found = reading.found().get(0);
            Change made = change.apply(found, reading.now());
            if (made == null) {
                return Optional.empty();
            }
            if (carryOut(List.of(made))) {
                boolean kept = made.fire() == KEEP;
                String score = kept ? found.score() : made.fire().length == 0 ? null : Bytes.text(made.fire());
                byte[] text = made.text().length == 0 ? found.text() : made.text();
                return Optional.of(reader.entry(new Found(cron, text, score, found.last(), Optional.empty())));
            }
        }
        throw tooManyOthers("schedule " + cron);
    }

    private static BrokerUnavailableException tooManyOthers(String what) {
        return new BrokerUnavailableException(what + " could not be changed: others change it all the time", null);
    }

    /** Returns false where another was faster. */
    private boolean carryOut(List<Change> changes) {
        List<byte[]> args = new ArrayList<>(1 + 5 * changes.size());
        args.add(bytes(MOST));
        for (Change change : changes) {
            byte[] text = change.found().text();
            args.add(bytes(change.found().cron()));
            args.add(bytes(text == null ? 0 : 1));
            args.add(text == null ? Bytes.EMPTY : text);
            args.add(change.text());
            args.add(change.fire());
        }
        long result = redis.number(Script.CRON_CHANGE, queue.keys().crons(), args);
        if (result < 0) {
            throw new InvalidTaskException("queue " + name + " would have more than " + MOST
                    + " schedules, which is the most that are allowed");
        }
        return result == 1;
    }
}
