package dev.taskqueue.worker;

import io.prometheus.client.exemplars.ExemplarConfig;
import java.util.List;

/**
 * Initializes the classes that are first used while tasks run: where a handler has just filled the heap, an initializer
 * fails, and its class can never be used again.
 */
final class Preload {

    /** By name, as most of them are seen in their package alone. */
    private static final List<String> USED_LATE = List.of(
            "internal.Json$DefaultMapper",
            "internal.Json$Texts",
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
            "broker.internal.Script$Texts",
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

    private Preload() {}

    static void run() {
        // Of the metrics: read when a counter first counts.
        ExemplarConfig.isExemplarsEnabled();
        for (String name : USED_LATE) {
            try {
                Class.forName("dev.taskqueue." + name, true, Preload.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
