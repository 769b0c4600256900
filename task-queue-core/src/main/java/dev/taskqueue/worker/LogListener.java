package dev.taskqueue.worker;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Logs what becomes of tasks: one line each, and the stack of a failure only for the last one. */
final class LogListener implements WorkerListener {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    @Override
    public void taskSucceeded(TaskContext task, Duration runTime) {
        if (LOG.isDebugEnabled()) {
            of(LOG.atDebug(), task)
                    .addKeyValue("duration_ms", runTime.toMillis())
                    .log("task succeeded");
        }
    }

    @Override
    public void taskRetried(TaskContext task, Throwable failure, Duration runTime, Duration delay) {
        of(LOG.atWarn(), task)
                .addKeyValue("attempt", task.attempt())
                .addKeyValue("error", OutcomeClassifier.describe(failure))
                .addKeyValue("duration_ms", runTime.toMillis())
                .addKeyValue("retry_in_ms", delay.toMillis())
                .log("attempt failed; retrying");
    }

    @Override
    public void taskDied(TaskContext task, @Nullable Throwable failure, String reason, Duration runTime) {
        LoggingEventBuilder line =
                of(LOG.atWarn(), task).addKeyValue("attempt", task.attempt()).addKeyValue("reason", reason);
        if (failure == null) {
            line.log("task died");
            return;
        }
        line = line.addKeyValue("error", OutcomeClassifier.describe(failure))
                .addKeyValue("duration_ms", runTime.toMillis());
        try {
            line.setCause(failure).log("task died");
        } catch (Throwable t) {
            // It cannot be printed, as its own methods throw.
            line.setCause(null).log("task died");
        }
    }

    @Override
    public void taskCancelled(TaskContext task, Duration runTime) {
        of(LOG.atInfo(), task)
                .addKeyValue("reason", task.cancelReason().orElse(""))
                .addKeyValue("duration_ms", runTime.toMillis())
                .log("task cancelled");
    }

    @Override
    public void tasksRecovered(String queue, String fromWorker, List<String> taskIds, List<String> deadIds) {
        LOG.atWarn()
                .addKeyValue("queue", queue)
                .addKeyValue("from_worker", fromWorker)
                .addKeyValue("task_ids", taskIds)
                .addKeyValue("dead_ids", deadIds)
                .log("recovered tasks of a silent worker");
    }

    @Override
    public void deadLettersTrimmed(String queue, long letters) {
        LOG.atInfo()
                .addKeyValue("queue", queue)
                .addKeyValue("letters", letters)
                .log("trimmed dead letters beyond DEAD_MAX or DEAD_TTL");
    }

    private static LoggingEventBuilder of(LoggingEventBuilder line, TaskContext task) {
        return line.addKeyValue("task_id", task.id())
                .addKeyValue("type", task.type())
                .addKeyValue("queue", task.queue());
    }
}
