package dev.taskqueue.broker.internal;

import dev.taskqueue.Cancellation;
import dev.taskqueue.Enqueued;
import dev.taskqueue.Explanation;
import dev.taskqueue.Task;
import dev.taskqueue.TaskSearch;
import dev.taskqueue.TaskStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where a producer's tasks go, and where it looks for them: one queue, or several by type. Thread-safe. */
public interface Destinations {

    /**
     * @return the names of the queues, the broker's own first
     */
    List<String> queues();

    /**
     * @param task any
     * @return what became of it
     */
    Enqueued enqueue(Task task);

    /**
     * @param tasks any number
     * @return what became of each
     */
    List<Enqueued> enqueue(List<Task> tasks);

    /**
     * @param id the id of a task
     * @return what is known of it
     */
    Optional<TaskStatus> status(String id);

    /**
     * @param id the id of a task
     * @param atMost how long to wait
     * @return its final status; empty if it has not ended in time
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if statuses are not kept
     */
    Optional<TaskStatus> await(String id, Duration atMost) throws InterruptedException;

    /**
     * @param id the id of a task
     * @param max how many entries to look at in each place
     * @return where it is, or how far it was looked for
     */
    TaskSearch find(String id, int max);

    /**
     * @param id the id of a task
     * @return why it is where it is
     */
    Explanation why(String id);

    /**
     * @param id the id of a task
     * @param reason why; may be empty
     * @return what was found
     */
    Cancellation cancel(String id, String reason);
}
