package dev.taskqueue.daemon;

import dev.taskqueue.Task;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.worker.RetryPolicy;
import dev.taskqueue.worker.Worker;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Shows the whole system in a few seconds: a Redis of its own, the sample tasks, and what became of each. */
final class Demo {

    private static final int CONCURRENCY = 5;
    private static final long LONGEST_SECONDS = 120;
    private static final long POLL_MILLIS = 200;
    private static final String ROW = "%-14s %8d %10d %8d %6d %10d%n";

    private final PrintWriter out;
    private final StopSignal stop;

    /**
     * @param stop asks for the end, at any moment
     */
    Demo(PrintWriter out, StopSignal stop) {
        this.out = out;
        this.stop = stop;
    }

    int run() throws IOException {
        Path folder = Files.createTempDirectory("task-queue-demo");
        RedisSettings free = RedisSettings.of("127.0.0.1:" + EmbeddedRedis.freePort());
        try (EmbeddedRedis redis = EmbeddedRedis.start(free, folder, stop);
                RedisBroker broker = RedisBroker.at(redis.settings()).build()) {
            if (stop.isAsked()) {
                return 0;
            }
            out.printf("A Redis of its own runs at %s, with its data in %s.%n", free.address(), folder);
            List<Task> tasks = tasks();
            broker.enqueueAll(tasks);
            out.printf(
                    "%d tasks are enqueued; a worker with %d threads takes them now.%n%n", tasks.size(), CONCURRENCY);
            RetryPolicy quick = RetryPolicy.exponential(Duration.ofMillis(300), Duration.ofSeconds(1));
            try (Worker worker = Worker.of(broker)
                    .handlers(SampleHandlers.all())
                    .concurrency(CONCURRENCY)
                    .retryPolicy(quick)
                    .start()) {
                stop.onHurry(worker::endGrace);
                awaitEnd(broker, tasks, worker.name());
            }
            if (!stop.isAsked()) {
                summarize(broker, tasks);
            }
        } finally {
            delete(folder);
        }
        return 0;
    }

    private static List<Task> tasks() {
        List<Task> tasks = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            tasks.add(Task.of("echo", Map.of("n", i)));
            tasks.add(Task.of("email:send", Map.of("to", "user" + i + "@example.com")));
        }
        for (int i = 1; i <= 10; i++) {
            tasks.add(Task.of("image:resize", Map.of("url", "https://example.com/" + i + ".png", "width", 640)));
            tasks.add(Task.of("sleep", Map.of("ms", 50 * i)));
        }
        for (int i = 1; i <= 6; i++) {
            tasks.add(Task.of("fail", Map.of("times", 1 + i % 2, "message", "the remote service is busy")));
        }
        for (int i = 1; i <= 3; i++) {
            tasks.add(Task.of("fail", Map.of("message", "no such account")).withMaxRetries(2));
        }
        for (int i = 1; i <= 5; i++) {
            tasks.add(Task.of("noop", Map.of("order", 4711)).withIdempotencyKey("order-4711"));
        }
        return tasks;
    }

    private void awaitEnd(RedisBroker broker, List<Task> tasks, String worker) {
        boolean terminal = System.console() != null;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        long unfinished = -1;
        while (unfinished != 0 && !stop.isAsked()) {
            long now = broker.stats().unfinished();
            if (now != unfinished) {
                unfinished = now;
                String line = "%3d of %d tasks have come to their end".formatted(tasks.size() - now, tasks.size());
                out.print(terminal ? "\r" + line : line + System.lineSeparator());
                out.flush();
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new TaskQueueException("worker " + worker + " did not end " + now + " tasks in time");
            }
            pause();
        }
        out.println();
    }

    private void pause() {
        try {
            stop.await(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TaskQueueException("interrupted", e);
        }
    }

    private void summarize(RedisBroker broker, List<Task> tasks) {
        out.printf("%-14s %8s %10s %8s %6s %10s%n", "type", "enqueued", "succeeded", "retried", "died", "duplicate");
        List<TaskStatus> statuses = tasks.stream()
                .map(task -> broker.status(task.id())
                        .orElseThrow(() -> new TaskQueueException("task " + task.id() + " has no status")))
                .toList();
        tasks.stream()
                .map(Task::type)
                .distinct()
                .sorted()
                .forEach(type -> row(
                        type,
                        statuses.stream()
                                .filter(status -> status.type().equals(type))
                                .toList()));
        row("all", statuses);
        out.println();
        out.println("Next: java -jar task-queue-worker/target/worker.jar --embedded-redis, and in another shell");
        out.println("      java -jar task-queue-client/target/client.jar");
        out.flush();
    }

    private void row(String name, List<TaskStatus> statuses) {
        out.printf(
                ROW,
                name,
                statuses.size(),
                count(statuses, TaskState.SUCCEEDED),
                statuses.stream().filter(status -> status.attempts() > 1).count(),
                count(statuses, TaskState.DEAD),
                count(statuses, TaskState.DUPLICATE));
    }

    private static long count(List<TaskStatus> statuses, TaskState state) {
        return statuses.stream().filter(status -> status.state() == state).count();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
