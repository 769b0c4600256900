package dev.taskqueue.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Runs the same on several threads. */
final class Threads {

    private Threads() {}

    /**
     * Runs a job for each share, on a thread of its own, and waits for all.
     *
     * @throws IllegalStateException if one of them failed
     */
    static <T> void runAll(List<T> shares, Consumer<T> job) {
        ExecutorService threads = Executors.newFixedThreadPool(shares.size());
        try {
            List<Callable<Void>> jobs = new ArrayList<>();
            for (T share : shares) {
                jobs.add(() -> {
                    job.accept(share);
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(jobs)) {
                done.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread failed: " + e.getCause(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
