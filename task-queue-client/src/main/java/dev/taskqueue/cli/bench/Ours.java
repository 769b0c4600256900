package dev.taskqueue.cli.bench;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.worker.Worker;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The same work done by the queue, with every promise kept. */
final class Ours {

    private static final int BATCH = 500;

    private final RedisBroker broker;

    Ours(RedisBroker broker) {
        this.broker = broker;
    }

    void enqueue(List<Task> tasks) {
        tasks.forEach(broker::enqueue);
    }

    void enqueueInBatches(List<Task> tasks) {
        for (int from = 0; from < tasks.size(); from += BATCH) {
            broker.enqueueAll(tasks.subList(from, Math.min(from + BATCH, tasks.size())));
        }
    }

    /** Returns the ns from the start of the worker until all is settled. */
    long drain(int threads, long tasks) {
        AtomicLong left = new AtomicLong(tasks);
        try (Worker worker = Worker.of(broker)
                .concurrency(threads)
                .handler("bench", task -> {
                    left.decrementAndGet();
                    return null;
                })
                .build()) {
            long start = System.nanoTime();
            worker.start();
            while (left.get() > 0) {
                LockSupport.parkNanos(500_000);
            }
            while (broker.stats().unfinished() > 0) {
                LockSupport.parkNanos(500_000);
            }
            return System.nanoTime() - start;
        }
    }

    /** From the call of enqueue to the start of the handler, in ns, on a worker that is idle. */
    long[] pickUps(int threads, int samples, Task task) throws InterruptedException {
        long[] nanos = new long[samples];
        long[] startedAt = new long[1];
        Semaphore started = new Semaphore(0);
        try (Worker worker = Worker.of(broker)
                .concurrency(threads)
                .handler("bench", context -> {
                    startedAt[0] = System.nanoTime();
                    started.release();
                    return null;
                })
                .start()) {
            while (!worker.isReady()) {
                LockSupport.parkNanos(1_000_000);
            }
            for (int i = 0; i < samples; i++) {
                LockSupport.parkNanos(2_000_000);
                Task next = task.withId(Task.newId());
                long start = System.nanoTime();
                broker.enqueue(next);
                started.acquire();
                nanos[i] = startedAt[0] - start;
            }
        }
        return nanos;
    }
}
