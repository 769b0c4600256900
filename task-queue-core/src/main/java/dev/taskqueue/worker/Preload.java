package dev.taskqueue.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.prometheus.client.exemplars.ExemplarConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Initializes the classes that are first used while tasks run: where a handler has just filled the heap, an initializer
 * fails, and its class can never be used again. What takes long to load, and what a task may do without, is left for a second
 * later: the first tasks shall not wait for it.
 */
final class Preload {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration DELAY = Duration.ofSeconds(1);

    /** By name, as most of them are seen in their package alone. */
    private static final List<String> USED_LATE = List.of(
            "Cron$CatchUp",
            "Cron$Overlap",
            "CronField",
            "CronSpec",
            "Priority",
            "QueuePause",
            "RawJson",
            "Task",
            "TaskHistory",
            "TaskOptions",
            "TaskState",
            "Unique",
            "Unique$OrElse",
            "Unique$Until",
            "broker.internal.BeatReport",
            "broker.internal.Bytes",
            "broker.internal.ClaimBatch",
            "broker.internal.CronDefinition",
            "broker.internal.CronDefinition$1",
            "broker.internal.CronFiring$Result",
            "broker.internal.CronPlan",
            "broker.internal.HistoryArgs",
            "broker.internal.Keys$1",
            "broker.internal.Lock",
            "broker.internal.Outcome$Parked",
            "broker.internal.Recovered",
            "broker.internal.Settled",
            "broker.internal.StatusCodec",
            "broker.internal.UniqueCodec",
            "broker.internal.UniqueKeys",
            "broker.internal.WireValues",
            "internal.JsonWriter",
            "internal.TaskIds",
            "worker.Admission$1",
            "worker.Attempt$Cancellation",
            "worker.Attempt$End",
            "worker.IdleWait",
            "worker.ResultWriter$Written");

    private final CountDownLatch closed = new CountDownLatch(1);
    private final String worker;
    private final ResultWriter results;

    /**
     * @param worker names its thread
     * @param json the mapper of payloads and results
     */
    Preload(String worker, Supplier<ObjectMapper> json) {
        this.worker = worker;
        results = new ResultWriter(json);
    }

    /** What every worker needs. */
    static void now() {
        // Of the metrics: read when a counter first counts.
        ExemplarConfig.isExemplarsEnabled();
        USED_LATE.forEach(Preload::initialize);
    }

    /** Has the rest loaded in a second. Never fails: the worker has started by then, with or without it. */
    void start() {
        try {
            Thread thread = new Thread(this::loadRest, "task-queue-preload-" + worker);
            thread.setDaemon(true);
            thread.start();
        } catch (RuntimeException | Error e) {
            report(e);
        }
    }

    void close() {
        closed.countDown();
    }

    private void loadRest() {
        try {
            if (!closed.await(DELAY.toMillis(), TimeUnit.MILLISECONDS)) {
                initialize("broker.internal.Script$Texts");
                initialize("internal.Json$Texts");
                results.write("");
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            report(e);
        }
    }

    /** No memory, most likely, or no thread. Then each is loaded when it is needed. */
    private static void report(Throwable failure) {
        LOG.atWarn().setCause(failure).log("cannot load what is needed later");
    }

    private static void initialize(String name) {
        try {
            Class.forName("dev.taskqueue." + name, true, Preload.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
