package dev.taskqueue.worker;

import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.EvilOutcomes;
import dev.taskqueue.testing.EvilValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import redis.clients.jedis.RedisClient;

/**
 * The main of a JVM in a {@link Fleet}: a worker with handlers good and evil. It runs until it is killed, its standard input
 * ends, or only a restart helps, and keeps writing its health into a file.
 */
final class FleetWorker {

    /** Takes as many ms as its payload says, and records its run. */
    static final String RECORD = "record";

    /** Adds its id to a set in Redis, and takes no time: for many tasks. */
    static final String COUNT = "count";

    /** Notes which task of the key in its payload runs, until it has succeeded; every third fails the first time. */
    static final String EXCLUSIVE = "exclusive";

    /** Takes its JVM along. */
    static final String PILL = "pill";

    /** Returns, throws or has a policy decide what {@link EvilOutcomes} has at the index in its payload. */
    static final String RESULT = "result";

    static final String FAILURE = "failure";
    static final String PERMANENT_FAILURE = "permanent-failure";
    static final String POLICY = "policy";

    /** Each is over with an attempt or two, and in time: the rest is retried in a year, or takes the whole heap. */
    static final List<EvilOutcomes.Named<Object>> RESULTS = Stream.concat(
                    EvilOutcomes.results().stream(), EvilOutcomes.unwritableResults().stream())
            .filter(result -> !result.name().equals("100 MB of text"))
            .toList();

    static final List<EvilOutcomes.Named<Throwable>> FAILURES = EvilOutcomes.failures().stream()
            .filter(failure -> !failure.name().equals("retry in 292 billion years"))
            .toList();

    static final List<EvilOutcomes.Named<RetryPolicy>> POLICIES = EvilOutcomes.policies().stream()
            .filter(policy -> !policy.name().equals("longest"))
            .toList();

    private static final int NEEDS_RESTART = 3;
    private static final Duration RETRY_DELAY = Duration.ofMillis(50);

    private FleetWorker() {}

    /**
     * @param args the address, the queue, how many threads, the lease in ms, how many recoveries are allowed, the file for
     *     the runs, the file for the health
     */
    public static void main(String[] args) throws Exception {
        endWithStandardInput();
        Path runs = Path.of(args[5]);
        Path health = Path.of(args[6]);
        RedisSettings settings = RedisSettings.at(args[0])
                .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1))
                .build();
        RedisBroker broker = RedisBroker.at(settings)
                .queue(args[1])
                .maxRecoveries(Integer.parseInt(args[4]))
                .build();
        RedisClient counter = RedisClient.create(settings.host(), settings.port());
        Worker worker = Worker.of(broker)
                .concurrency(Integer.parseInt(args[2]))
                .lease(Duration.ofMillis(Long.parseLong(args[3])))
                .retryPolicy(FleetWorker::delay)
                .handler(RECORD, task -> record(task, runs))
                .handler(COUNT, task -> count(task, counter, args[1]))
                .handler(EXCLUSIVE, task -> exclude(task, counter, args[1]))
                .handler(PILL, task -> {
                    record(task, runs);
                    Runtime.getRuntime().halt(1);
                    return null;
                })
                .handler(EvilValues.TYPE, task -> null)
                .handler(RESULT, task -> RESULTS.get(task.payload().intValue()).get())
                .handler(FAILURE, task -> {
                    throw unchecked(FAILURES.get(task.payload().intValue()).get());
                })
                .handler(PERMANENT_FAILURE, task -> {
                    throw (PermanentFailureException) EvilOutcomes.permanentFailures()
                            .get(task.payload().intValue())
                            .get();
                })
                .handler(POLICY, task -> {
                    throw new IllegalStateException("for the policy to judge");
                })
                .start();
        while (true) {
            WorkerHealth now = worker.health();
            write(health, now.toString());
            if (!now.isAlive()) {
                // As whoever watches /healthz does.
                Runtime.getRuntime().halt(NEEDS_RESTART);
            }
            Failures.pause(100_000_000L);
        }
    }

    /** So that a test run that is cut off leaves no worker behind. */
    private static void endWithStandardInput() {
        Thread reader = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException e) {
                // The same.
            }
            Runtime.getRuntime().halt(0);
        });
        reader.setDaemon(true);
        reader.start();
    }

    private static Object record(TaskContext task, Path runs) throws IOException, InterruptedException {
        // A file, as Redis itself may be full or away; one that outlives this JVM.
        String line = task.id() + " " + ProcessHandle.current().pid() + " " + System.currentTimeMillis() + "\n";
        Files.writeString(runs, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        Thread.sleep(task.payload().intValue());
        return null;
    }

    private static Object count(TaskContext task, RedisClient counter, String queue) {
        if (counter.sadd(idsRun(queue), task.id()) == 0) {
            counter.incr(runAgain(queue));
        }
        return null;
    }

    private static Object exclude(TaskContext task, RedisClient client, String queue) throws InterruptedException {
        String runs = queue + "-exclusive:" + task.payload().textValue();
        String before = client.setGet(runs, task.id());
        if (before != null && !before.equals(task.id())) {
            client.rpush(overlaps(queue), task.payload().textValue() + ": " + before + ", " + task.id());
        }
        Thread.sleep(3);
        if (task.attempt() == 1 && task.id().hashCode() % 3 == 0) {
            throw new IllegalStateException("the first time");
        }
        client.del(runs);
        return null;
    }

    /** Where {@link #EXCLUSIVE} tasks are listed that began while another one of their key had begun and not succeeded. */
    static String overlaps(String queue) {
        return queue + "-overlaps";
    }

    /** Where {@link #COUNT} tasks are counted: the ids of those that have begun. */
    static String idsRun(String queue) {
        return queue + "-ids-run";
    }

    /** How often one of them began that had begun before. */
    static String runAgain(String queue) {
        return queue + "-run-again";
    }

    private static Duration delay(TaskContext task, Throwable failure) {
        return task.type().equals(POLICY)
                ? POLICIES.get(task.payload().intValue()).get().delayAfter(task, failure)
                : RETRY_DELAY;
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }

    private static void write(Path file, String text) {
        try {
            // Moved into its place, as it is read at any time.
            Path next = Path.of(file + ".next");
            Files.writeString(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | OutOfMemoryError e) {
            // Next time.
        }
    }
}
