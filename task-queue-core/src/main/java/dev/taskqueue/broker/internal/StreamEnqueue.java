package dev.taskqueue.broker.internal;

import dev.taskqueue.EnqueueCounts;
import dev.taskqueue.Enqueued;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import dev.taskqueue.internal.TaskLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One call that enqueues the tasks of a stream, part by part, so that a part at a time is in memory. */
public final class StreamEnqueue {

    /** What goes into one round trip, as {@link Enqueueing} divides it. */
    private static final int PART = 500;

    private static final long PART_BYTES = 4 << 20;

    private final Destinations destinations;
    private final Consumer<? super Enqueued> each;
    private final List<Task> part = new ArrayList<>(PART);
    private long partBytes;
    private long accepted;
    private long rejected;
    private long replaced;

    /**
     * @param destinations where the tasks go
     * @param each told of every task, once its part is accepted
     */
    public StreamEnqueue(Destinations destinations, Consumer<? super Enqueued> each) {
        this.destinations = destinations;
        this.each = each;
    }

    /**
     * @param tasks any number
     * @return what became of them
     */
    public EnqueueCounts run(Stream<Task> tasks) {
        try {
            // Not its iterator: that gathers all of what one element of a flatMap brings.
            tasks.sequential().forEachOrdered(this::add);
            send();
        } catch (RuntimeException e) {
            throw dealtWith() == 0 ? e : stopped(e);
        }
        return new EnqueueCounts(accepted, rejected, replaced);
    }

    private void add(Task task) {
        TaskLimits.checkPresent("task", task);
        part.add(task);
        partBytes += task.payload().size();
        for (RawJson value : task.extraFields().values()) {
            partBytes += value.size();
        }
        if (part.size() == PART || partBytes >= PART_BYTES) {
            send();
        }
    }

    private void send() {
        List<Enqueued> done = destinations.enqueue(part);
        part.clear();
        partBytes = 0;
        done.forEach(this::count);
        done.forEach(each);
    }

    private void count(Enqueued one) {
        if (one.accepted()) {
            accepted++;
        } else if (one.replaced()) {
            replaced++;
        } else {
            rejected++;
        }
    }

    /** How many, from the first. */
    private long dealtWith() {
        return accepted + rejected + replaced;
    }

    private OutcomeUnknownException stopped(RuntimeException e) {
        long before = dealtWith();
        String message = "enqueue of a stream stopped behind its first " + before + " tasks, which were enqueued: "
                + e.getMessage();
        if (e instanceof OutcomeUnknownException last) {
            return new OutcomeUnknownException(
                    message, asInt(before + last.accepted()), last.acceptedIds(), last.taskIds(), e);
        }
        return new OutcomeUnknownException(message, asInt(before), List.of(), List.of(), e);
    }

    private static int asInt(long number) {
        return (int) Math.min(number, Integer.MAX_VALUE);
    }
}
