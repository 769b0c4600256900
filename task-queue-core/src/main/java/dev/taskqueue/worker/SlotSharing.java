package dev.taskqueue.worker;

import dev.taskqueue.worker.SharedSlots.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Shares the worker's slots among its queues. A free one goes to the queue whose handlers have run least by its weight, of
 * those that have tasks; no queue gets more than its limit; what nobody else wants anybody may have. Where nothing waits
 * anywhere, it says in which queues idle runners wait: in turn, no more than there are idle threads. Thread-safe.
 */
final class SlotSharing {

    /** In how many queues runners wait at a time: each wait costs Redis two requests a second. In all of a few queues. */
    private static final int MOST_WAITS = 8;

    private static final int MOST_WAITS_OF_MANY = 4;

    /** How often an empty queue is asked while others keep all threads busy. */
    private static final long ASK_NANOS = Duration.ofMillis(20).toNanos();

    private final Slots slots;
    private final int threads;
    private final List<SharedSlots> queues = new ArrayList<>();
    /** When a fetcher was woken that has not looked yet, or zero: one is enough, as it wakes the next. */
    private final AtomicLong wokenNanos = new AtomicLong();

    private final AtomicInteger waits = new AtomicInteger();
    /** How much the queue had used that took last: who comes back from being empty begins there. */
    private double usedNanos;

    private long waitNumber;
    /** When all threads were busy for the last time. */
    private long exhaustedNanos = System.nanoTime();

    SlotSharing(RunnerPool pool) {
        slots = pool.slots();
        threads = pool.size();
        // What is free for a queue is worked out here; the size only bounds it.
        slots.resize(2 * threads + Prefetch.MOST_AHEAD);
    }

    /** Adds a queue, before anything starts; the first one is the first in which a runner waits. */
    void add(SharedSlots queue) {
        queues.add(queue);
        queue.lastWait = waitNumber++;
    }

    /** Takes what the queue may have now, but no more than so many. */
    synchronized int take(SharedSlots queue, int most) {
        long now = System.nanoTime();
        if (queue.state != State.HUNGRY) {
            queue.state = State.HUNGRY;
            queue.skippedNanos += Math.max(0, usedNanos - queue.usedNanos(now));
        }
        // Before it takes: what it takes for a claim that may bring nothing keeps no thread busy.
        if (slots.taken() - waits.get() >= threads) {
            exhaustedNanos = now;
        }
        int share = Math.min(most, share(queue, now));
        int taken = share == 0 ? 0 : slots.takeUpTo(share);
        if (taken > 0) {
            usedNanos = Math.max(usedNanos, queue.usedNanos(now));
            queue.took(taken);
            queue.claiming = true;
        }
        return taken;
    }

    /** What the queue gets if all that is free is given away one by one. */
    private int share(SharedSlots queue, long now) {
        List<Bid> bids = new ArrayList<>(queues.size());
        Bid own = new Bid(queue, room(queue), now);
        bids.add(own);
        for (SharedSlots one : queues) {
            if (one != queue && one.state == State.HUNGRY && !one.claiming) {
                bids.add(new Bid(one, room(one), now));
            }
        }
        if (bids.size() == 1) {
            return Math.max(0, Math.min(own.room, own.limit));
        }
        for (Bid best = best(bids); best != null; best = best(bids)) {
            best.given++;
            best.used += best.price;
            for (Bid bid : bids) {
                bid.room -= bid.ahead >= best.ahead ? 1 : 0;
            }
        }
        return own.given;
    }

    /** Who is next; nobody where that one has enough waiting for a thread, as the next threads are for those. */
    private static Bid best(List<Bid> bids) {
        Bid best = null;
        for (Bid bid : bids) {
            if (bid.given < bid.limit && (best == null || bid.used < best.used)) {
                best = bid;
            }
        }
        return best == null || best.room <= 0 ? null : best;
    }

    /**
     * How many more may be claimed of a queue for the threads to begin them soon. Those of queues with shorter tasks, which
     * more is claimed ahead of, do not count: they are about to end, and would leave slow tasks no room for ever.
     */
    private int room(SharedSlots queue) {
        int ahead = queue.prefetch().allowance();
        int room = threads + ahead;
        for (SharedSlots one : queues) {
            if (one.state == State.WAITING || one.prefetch().allowance() <= ahead) {
                room -= one.held();
            }
        }
        return room;
    }

    private boolean mayTake(SharedSlots queue) {
        return queue.belowLimit() > 0 && room(queue) > 0;
    }

    /** One queue's part while slots are given away. */
    private static final class Bid {

        private final int limit;
        private final int ahead;
        private final double price;
        private int room;
        private double used;
        private int given;

        private Bid(SharedSlots queue, int room, long now) {
            this.limit = queue.belowLimit();
            this.ahead = queue.prefetch().allowance();
            this.price = queue.priceNanos();
            this.room = room;
            this.used = queue.usedNanos(now);
        }
    }

    /** Told what a claim brought. */
    synchronized void claimed(SharedSlots queue, boolean any) {
        queue.claiming = false;
        if (!any) {
            queue.state = State.DRY;
            queue.dryNanos = System.nanoTime();
        }
    }

    synchronized boolean isDry(SharedSlots queue) {
        return queue.state == State.DRY;
    }

    /** Told that a queue cannot be claimed from for now. */
    synchronized void withdraw(SharedSlots queue) {
        queue.claiming = false;
        if (queue.state == State.WAITING) {
            // The wait could not even begin.
            waits.decrementAndGet();
        }
        queue.state = State.AWAY;
    }

    /** Told that tasks wait in a queue that was empty. */
    void tasksWait(SharedSlots queue) {
        synchronized (this) {
            if (queue.state != State.DRY) {
                return;
            }
            queue.state = State.HUNGRY;
            queue.skippedNanos += Math.max(0, usedNanos - queue.usedNanos(System.nanoTime()));
        }
        queue.wake();
    }

    /** Has a runner wait for a task of a queue that is empty, with a slot that was taken, if it is its turn. */
    synchronized boolean beginWait(SharedSlots queue) {
        if (queue.state != State.DRY) {
            return false;
        }
        int before = 0;
        for (SharedSlots other : queues) {
            before += other.state == State.DRY && other.lastWait < queue.lastWait ? 1 : 0;
        }
        queue.state = State.WAITING;
        if (waits.get() + before >= mostWaits()) {
            queue.state = State.DRY;
            return false;
        }
        queue.lastWait = waitNumber++;
        waits.incrementAndGet();
        return true;
    }

    /** All threads that run nothing may wait, if that covers all queues that are empty; else one is left for the others. */
    private int mostWaits() {
        int empty = 0;
        int claimed = 0;
        for (SharedSlots queue : queues) {
            empty += queue.state == State.DRY || queue.state == State.WAITING ? 1 : 0;
            claimed += queue.state == State.WAITING ? queue.held() - 1 : queue.held();
        }
        int idle = Math.max(0, threads - claimed);
        int most = queues.size() <= MOST_WAITS ? MOST_WAITS : MOST_WAITS_OF_MANY;
        return Math.min(most, empty <= idle ? empty : idle > 1 ? idle - 1 : idle);
    }

    /** Told that a runner's wait has ended; from then on it is as a claim that is under way. */
    synchronized void endWait(SharedSlots queue) {
        waits.decrementAndGet();
        queue.state = State.HUNGRY;
        queue.claiming = true;
    }

    /** Told that a fetcher that was woken looks. */
    void looks() {
        wokenNanos.set(0);
    }

    /** Wakes the fetcher that may take what is free, if there is one, unless one was woken that has yet to look. */
    void freed() {
        long before = wokenNanos.get();
        long now = System.nanoTime() | 1;
        // One that does not look may hang.
        if (before != 0 && now - before < ASK_NANOS || !wokenNanos.compareAndSet(before, now)) {
            return;
        }
        SharedSlots next = next();
        if (next == null) {
            wokenNanos.compareAndSet(now, 0);
        } else {
            next.wake();
        }
    }

    private synchronized SharedSlots next() {
        long now = System.nanoTime();
        SharedSlots least = null;
        SharedSlots longest = null;
        for (SharedSlots queue : queues) {
            boolean dry = queue.state == State.DRY;
            boolean asks = dry && now - queue.dryNanos >= ASK_NANOS && exhaustedNanos - queue.dryNanos > 0;
            boolean wants = queue.state == State.HUNGRY && queue.belowLimit() > 0 || asks && mayTake(queue);
            if (wants && !queue.claiming) {
                least = least == null || queue.usedNanos(now) < least.usedNanos(now) ? queue : least;
            }
            if (dry && mayTake(queue)) {
                longest = longest == null || queue.lastWait < longest.lastWait ? queue : longest;
            }
        }
        if (least != null) {
            return mayTake(least) ? least : null;
        }
        return longest != null && waits.get() < mostWaits() ? longest : null;
    }
}
