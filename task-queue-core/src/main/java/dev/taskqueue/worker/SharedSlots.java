package dev.taskqueue.worker;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;

/**
 * One queue's part in the slots that several share: counts what its claims have, and how long its handlers ran. How much it
 * may take {@link SlotSharing} decides.
 */
final class SharedSlots extends QueueSlots {

    /** Until it is known how long a task takes. */
    private static final double SUPPOSED_NANOS = 1e6;

    /** What the queue's fetcher does. */
    enum State {
        /** It cannot or must not claim. */
        AWAY,
        /** Tasks may wait: it claims as soon as it may take slots. */
        HUNGRY,
        /** The queue was empty. */
        DRY,
        /** An idle runner waits for a task. */
        WAITING
    }

    private final SlotSharing sharing;
    private final int weight;
    private final int limit;
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    /** When the handlers that run began, summed up: with many and after weeks it overflows, as does what it is taken from. */
    private final AtomicLong beganNanos = new AtomicLong();

    /** How long those ran that have ended. */
    private final DoubleAdder ranNanos = new DoubleAdder();

    private final long epoch = System.nanoTime();
    private Runnable waker = () -> {};

    // Guarded by the sharing.
    State state = State.AWAY;
    /** Whether a claim is under way. */
    boolean claiming;

    /** What its use is behind the others' for having been empty: nobody saves up. */
    double skippedNanos;

    long dryNanos;
    long lastWait;

    /**
     * @param limit how many claims it may have at most
     */
    SharedSlots(RunnerPool pool, SlotSharing sharing, int weight, int limit) {
        super(pool);
        this.sharing = sharing;
        this.weight = weight;
        this.limit = limit;
        sharing.add(this);
    }

    /** Who is to be woken once there is something to take; to be called before anything starts. */
    void wakes(Runnable fetcher) {
        waker = fetcher;
    }

    void wake() {
        waker.run();
    }

    @Override
    int take() {
        return sharing.take(this, limit);
    }

    /** Takes no more than so many, if it may take any. */
    int take(int most) {
        return sharing.take(this, most);
    }

    @Override
    int takeAll(Duration patience) throws InterruptedException {
        int taken = super.takeAll(patience);
        held.addAndGet(taken);
        return taken;
    }

    @Override
    void takeRegardless(int count) {
        super.takeRegardless(count);
        held.addAndGet(count);
    }

    void took(int count) {
        held.addAndGet(count);
    }

    @Override
    void free(int count) {
        // In this order: who sees the slot free sees the queue below its limit.
        held.addAndGet(-count);
        super.free(count);
        if (count > 0) {
            sharing.freed();
        }
    }

    @Override
    boolean isAtLimit() {
        return held.get() >= limit;
    }

    @Override
    void began(long nanos) {
        beganNanos.addAndGet(nanos - epoch);
        running.incrementAndGet();
    }

    @Override
    void ended(long began) {
        running.decrementAndGet();
        beganNanos.addAndGet(epoch - began);
        ranNanos.add(System.nanoTime() - began);
    }

    /** Whether the queue was empty when it was last looked at. */
    boolean isDry() {
        return sharing.isDry(this);
    }

    int held() {
        return held.get();
    }

    /** How many more claims it may have, whatever is free. */
    int belowLimit() {
        return Math.max(0, limit - held.get());
    }

    /** What one more task is supposed to cost it, by its weight. */
    double priceNanos() {
        double average = prefetch().averageNanos();
        return (average == Double.MAX_VALUE ? SUPPOSED_NANOS : Math.max(average, 1_000)) / weight;
    }

    /** For how long its handlers have run, and will for what is claimed, by its weight: who has least is next. */
    double usedNanos(long now) {
        int run = running.get();
        long going = Math.max(0, run * (now - epoch) - beganNanos.get());
        return skippedNanos + (ranNanos.sum() + going) / weight + Math.max(0, held.get() - run) * priceNanos();
    }
}
