package dev.taskqueue.cli.bench;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.worker.Worker;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/** An idle worker, and the time from the call of enqueue until its handler has begun. */
final class PickUps implements AutoCloseable {

    private final RedisBroker broker;
    private final Worker worker;
    private final Semaphore started = new Semaphore(0);
    /** Written before a permit is released, read after it was acquired. */
    private long startedAt;

    PickUps(RedisBroker broker, int threads) {
        this.broker = broker;
        worker = Worker.of(broker)
                .concurrency(threads)
                .handler("bench", context -> {
                    startedAt = System.nanoTime();
                    started.release();
                    return null;
                })
                .start();
        while (!worker.isReady()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Returns the ns from the call until the handler had begun. */
    long sample(Task task) throws InterruptedException {
        return sample(() -> broker.enqueue(task));
    }

    /** The same for a push of any kind. */
    long sample(Runnable push) throws InterruptedException {
        long start = System.nanoTime();
        push.run();
        started.acquire();
        return startedAt - start;
    }

    @Override
    public void close() {
        worker.close();
    }
}
