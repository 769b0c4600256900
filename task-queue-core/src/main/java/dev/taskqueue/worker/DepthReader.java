package dev.taskqueue.worker;

import dev.taskqueue.QueueStats;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the depth of one broker's queue for any number of scrapes, with one reading at a time. Each is done by a thread that
 * ends with it: between scrapes there is none. Thread-safe.
 */
final class DepthReader {

    /** How old a reading may grow until nobody waits for it any more: the longest that Redis can hold up a scrape. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(DepthReader.class);

    private record Reading(FutureTask<QueueStats> result, Thread thread, long begun) {}

    private final RedisBroker broker;
    private Reading reading;
    private volatile @Nullable QueueStats last;

    DepthReader(RedisBroker broker) {
        this.broker = broker;
    }

    String queue() {
        return broker.queue();
    }

    /** Begins to read, unless a reading is under way: that one is for this scrape too. */
    synchronized void begin() {
        if (reading != null && !reading.result.isDone()) {
            return;
        }
        FutureTask<QueueStats> result = new FutureTask<>(this::read);
        Thread thread = new Thread(result, "task-queue-depths-" + broker.queue());
        thread.setDaemon(true);
        reading = new Reading(result, thread, System.nanoTime());
        thread.start();
    }

    private QueueStats read() {
        QueueStats stats = broker.stats();
        last = stats;
        return stats;
    }

    /**
     * @return what Redis told last, however long ago; empty if it has told nothing yet
     */
    Optional<QueueStats> last() {
        return Optional.ofNullable(last);
    }

    /**
     * Waits for the reading, while it is young.
     *
     * @return the depth; empty if it is not known freshly, which is the honest figure: the worker itself reports the outage
     */
    Optional<QueueStats> result() {
        Reading current;
        synchronized (this) {
            current = reading;
        }
        long left = current.begun + PATIENCE.toNanos() - System.nanoTime();
        try {
            return Optional.of(current.result.get(Math.max(0, left), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            LOG.atDebug()
                    .addKeyValue("queue", broker.queue())
                    .setCause(e.getCause())
                    .log("cannot read queue depth");
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Waits for the thread of a reading under way; a Redis that hangs holds it until the time limit of its connection. */
    void join(Duration patience) {
        Reading current;
        synchronized (this) {
            current = reading;
        }
        try {
            if (current != null) {
                current.thread.join(patience.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
