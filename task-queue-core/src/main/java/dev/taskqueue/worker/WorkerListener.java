package dev.taskqueue.worker;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Is told what happens in a {@link Worker}. Override what you want to know; the worker's own metrics and log lines are
 * listeners like yours.
 *
 * <p>What a listener throws is logged and harms nothing else. It must be thread-safe and quick: {@link #taskStarted} is
 * called by the thread that runs the handler, and whatever is told of an outcome by the thread that commits, once Redis has
 * the outcome; while a listener blocks, nothing is committed.
 */
public interface WorkerListener {

    /**
     * The worker has started its threads; Redis need not be there yet.
     *
     * @param worker the worker
     */
    default void workerStarted(Worker worker) {}

    /**
     * The worker has ended.
     *
     * @param worker the worker
     */
    default void workerClosed(Worker worker) {}

    /**
     * The handler of a task is about to be called.
     *
     * @param task the task
     */
    default void taskStarted(TaskContext task) {}

    /**
     * A handler returned, and Redis knows.
     *
     * @param task the task
     * @param runTime how long the handler took
     */
    default void taskSucceeded(TaskContext task, Duration runTime) {}

    /**
     * An attempt failed, and the task waits for another one.
     *
     * @param task the task, as it was when the attempt began
     * @param failure what the handler threw, or a {@link java.util.concurrent.TimeoutException}
     * @param runTime how long the handler took
     * @param delay in how long the next attempt is due
     */
    default void taskRetried(TaskContext task, Throwable failure, Duration runTime, Duration delay) {}

    /**
     * A task was given up and lies in the dead letters.
     *
     * @param task the task, as it was when the last attempt began
     * @param failure what the handler threw; null where it was not called
     * @param reason why no attempt follows, such as {@code retries exhausted}
     * @param runTime how long the handler took; zero where it was not called
     */
    default void taskDied(TaskContext task, @Nullable Throwable failure, String reason, Duration runTime) {}

    /**
     * A task was not run, as another one with its idempotency key had succeeded.
     *
     * @param task the task
     */
    default void taskSkipped(TaskContext task) {}

    /**
     * A task was not run, or not run again, as it had not begun by its {@code expires_at}. Its state is
     * {@link dev.taskqueue.TaskState#EXPIRED}.
     *
     * @param task the task
     */
    default void taskExpired(TaskContext task) {}

    /**
     * A worker has ended a task that was cancelled ({@link dev.taskqueue.broker.RedisBroker#cancel(String, String)}): it was not
     * run, or its handler was stopped. Its state is {@link dev.taskqueue.TaskState#CANCELLED}. What was cancelled where it
     * waited is told to no worker.
     *
     * @param task the task; {@link TaskContext#cancelReason()} tells why
     * @param runTime how long the handler took; zero where it was not called
     */
    default void taskCancelled(TaskContext task, Duration runTime) {}

    /**
     * This worker took tasks back from one that had been silent for a lease.
     *
     * @param queue the name of the queue
     * @param fromWorker the name of the silent worker
     * @param taskIds the tasks that wait again
     * @param deadIds the tasks that are dead letters, as workers died of them
     */
    default void tasksRecovered(String queue, String fromWorker, List<String> taskIds, List<String> deadIds) {}

    /**
     * This worker took dead letters away for good, as there were too many of them or they were too old
     * ({@link Worker.Builder#deadMax}, {@link Worker.Builder#deadTtl}).
     *
     * @param queue the name of the queue
     * @param letters how many; 1 or more
     */
    default void deadLettersTrimmed(String queue, long letters) {}
}
