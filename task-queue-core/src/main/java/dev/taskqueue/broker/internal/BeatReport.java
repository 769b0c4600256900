package dev.taskqueue.broker.internal;

import dev.taskqueue.FinishedTask;
import dev.taskqueue.TaskState;
import dev.taskqueue.WorkerInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker tells along with its heartbeat.
 *
 * @param details what it says of itself; null: nothing new
 * @param counts how many attempts have ended since its latest report, by type and outcome; each pair once
 * @param finished the latest tasks that have come to their end since then, oldest first; 1,000 at most
 */
public record BeatReport(WorkerInfo.@Nullable Details details, List<Count> counts, List<FinishedTask> finished) {

    /** Tells nothing. */
    public static final BeatReport NONE = new BeatReport(null, List.of(), List.of());

    /**
     * @param type a type of task
     * @param state how attempts ended
     * @param attempts how many
     */
    public record Count(String type, TaskState state, long attempts) {}
}
