package dev.taskqueue.broker.internal;

import dev.taskqueue.Enqueued;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.Assertions;

/** What became of tasks that were enqueued asynchronously. */
final class AsyncStages {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    private AsyncStages() {}

    static Enqueued result(CompletionStage<Enqueued> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Why a stage failed; fails itself if it did not, or does not end. */
    static Throwable failure(CompletionStage<Enqueued> stage) {
        try {
            Enqueued result = stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return Assertions.fail("it did not fail: " + result);
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until each has ended, however. */
    static void awaitEnd(List<? extends CompletionStage<Enqueued>> stages) {
        for (CompletionStage<Enqueued> stage : stages) {
            CompletableFuture<Boolean> end =
                    stage.handle((result, failure) -> true).toCompletableFuture();
            Assertions.assertThat(end).succeedsWithin(PATIENCE);
        }
    }

    static boolean isAccepted(CompletionStage<Enqueued> stage) {
        CompletableFuture<Enqueued> future = stage.toCompletableFuture();
        return future.isDone()
                && !future.isCompletedExceptionally()
                && future.join().accepted();
    }

    /** Sends tasks as one group, as the sender does. */
    static List<CompletableFuture<Enqueued>> sendTogether(RedisBroker broker, List<Task> tasks) {
        BrokerEngine engine = BrokerEngine.of(broker);
        Completions completions = new Completions("test");
        List<AsyncTask> group = new ArrayList<>();
        for (Task task : tasks) {
            group.add(new AsyncTask(engine, task, engine.format(task), new CompletableFuture<>()));
        }
        new GroupEnqueue(engine, completions).send(group);
        completions.start();
        List<CompletableFuture<Enqueued>> stages =
                group.stream().map(AsyncTask::stage).toList();
        awaitEnd(stages);
        completions.close();
        return stages;
    }
}
