package dev.taskqueue.worker;

import java.time.Duration;

/**
 * One queue's way to the worker's slots. Whoever claims for the queue takes, one thread at a time; whoever holds a claim
 * frees its slot. Here are the slots of a worker that has one queue; {@link SharedSlots} are those of one that has several.
 */
class QueueSlots {

    /** So soon short tasks free a slot; later, those that run are not short. */
    static final Duration SHORTLY = Duration.ofMillis(5);

    static final Duration PATIENCE = Duration.ofMillis(200);

    private final Slots slots;
    private final RunQueue runQueue;
    private final int threads;
    private final Prefetch prefetch;

    QueueSlots(RunnerPool pool) {
        slots = pool.slots();
        runQueue = pool.queue();
        threads = pool.size();
        prefetch = new Prefetch(threads);
    }

    /** What is known of how long this queue's tasks take. */
    final Prefetch prefetch() {
        return prefetch;
    }

    /** Takes all slots that are free for new claims; waits for one where none is. Returns zero once patience has run out. */
    int take() {
        slots.resize(threads + prefetch.allowance());
        try {
            int taken = slots.takeAll(SHORTLY);
            if (taken == 0) {
                runQueue.hurry();
                taken = slots.takeAll(PATIENCE);
            }
            return taken;
        } catch (InterruptedException e) {
            return 0;
        }
    }

    /** Takes all slots that are free, to hold everything else back; waits for one where none is. */
    int takeAll(Duration patience) throws InterruptedException {
        return slots.takeAll(patience);
    }

    /** Takes slots whether they are free or not: for tasks that are this worker's already. */
    void takeRegardless(int count) {
        slots.takeRegardless(count);
    }

    void free(int count) {
        slots.free(count);
    }

    /** How many the worker's claims have, of all queues. */
    final int taken() {
        return slots.taken();
    }

    /** Whether the queue has as many as it may have at most, whatever else is free. */
    boolean isAtLimit() {
        return false;
    }

    /** Told that a handler begins to run a task of this queue. */
    void began(long nanos) {}

    /** Told that a handler has ended which began at that time. */
    void ended(long beganNanos) {}
}
