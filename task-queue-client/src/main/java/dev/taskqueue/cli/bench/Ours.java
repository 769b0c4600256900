package dev.taskqueue.cli.bench;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

    void enqueueByMany(List<List<Task>> tasks) {
        Threads.runAll(tasks, this::enqueue);
    }

    /** Each thread waits at the end, for all of its tasks. */
    void enqueueAsyncByMany(List<List<Task>> tasks) {
        Threads.runAll(
                tasks,
                share -> CompletableFuture.allOf(share.stream()
                                .map(task -> broker.enqueueAsync(task).toCompletableFuture())
                                .toArray(CompletableFuture<?>[]::new))
                        .join());
    }

    void enqueueNew(int count) {
        for (int from = 0; from < count; from += BATCH) {
            List<Task> batch = new ArrayList<>(BATCH);
            for (int i = from; i < Math.min(from + BATCH, count); i++) {
                batch.add(Task.of("bench", "x".repeat(20)));
            }
            broker.enqueueAll(batch);
        }
    }

    void enqueueInBatches(List<Task> tasks) {
        for (int from = 0; from < tasks.size(); from += BATCH) {
            broker.enqueueAll(tasks.subList(from, Math.min(from + BATCH, tasks.size())));
        }
    }

    /**
     * When a drain began and ended.
     *
     * @param begun when the worker was started
     * @param settled when all was settled
     */
    record Span(long begun, long settled) {

        long nanos() {
            return settled - begun;
        }
    }

    Span drain(int threads, long tasks) {
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
            return new Span(start, System.nanoTime());
        }
    }
}
