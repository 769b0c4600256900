package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.OutcomeUnknownException;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.FaultyProxy;
import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.Signal;
import dev.taskqueue.testing.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 1 under fire: real worker JVMs are killed with SIGKILL, their connections cut between request and reply, Redis
 * itself killed and restarted on its append-only file. Every accepted id and every run is on record; the record is checked.
 * Short in a plain build, twenty rounds of 5,000 tasks with {@code -Pchaos}.
 */
class CrashIT {

    private static final boolean LONG = System.getProperty("chaos", "short").equals("long");
    private static final int ROUNDS = LONG ? 20 : 2;
    private static final int TASKS = LONG ? 5_000 : 2_000;
    private static final int WORKERS = 3;
    private static final double FAULT_RATE = 0.02;
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final Random random = new Random(20261124);
    private RedisProcess redis;

    @BeforeEach
    void open() throws IOException {
        redis = RedisProcess.start();
        Files.createDirectory(folder.resolve("handlers"));
        HandlerJar.write(folder.resolve("handlers").resolve("recording.jar"), RecordingHandlers.class);
    }

    @AfterEach
    void close() {
        redis.close();
    }

    @Test
    void nothing_is_lost_when_workers_are_killed_and_replies_cut() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            new Round("kill-" + round, false).run();
        }
    }

    @Test
    void nothing_is_lost_when_redis_is_killed_too() throws Exception {
        for (int round = 1; round <= Math.max(1, ROUNDS / 4); round++) {
            new Round("restart-" + round, true).run();
        }
    }

    @Test
    void nothing_that_was_replicated_is_lost_in_a_sentinel_failover() throws Exception {
        try (RedisProcess master = RedisProcess.start();
                RedisProcess replica = RedisProcess.start(
                        "--replicaof",
                        "127.0.0.1",
                        Integer.toString(master.settings().port()));
                RedisProcess sentinel = RedisProcess.startSentinel(master)) {
            RedisSettings settings = RedisSettings.at(sentinel.settings().address())
                    .sentinelMaster("main")
                    .build();
            runThroughAnEvent(settings, Map.of("REDIS_SENTINEL_MASTER", "main"), () -> {
                await().atMost(PATIENCE)
                        .until(() -> master.command("WAIT", "1", "1000").equals(1L));
                master.kill();
            });
            assertThat(RedisProcess.text(replica.command("INFO", "replication")))
                    .contains("role:master");
        }
    }

    @Test
    void nothing_is_lost_while_a_cluster_is_resharded() throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            RedisSettings settings =
                    RedisSettings.at(cluster.addresses()).cluster().build();
            runThroughAnEvent(settings, Map.of("REDIS_MODE", "cluster"), () -> cluster.moveSlot("{event}"));
        }
    }

    /** Worker processes at work, one of them killed, then the event, then all must come to its end. */
    private void runThroughAnEvent(RedisSettings settings, Map<String, String> mode, Runnable event) throws Exception {
        Path runLog = Files.createFile(folder.resolve("event.log"));
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            tasks.add(Task.of("record", i));
        }
        try (RedisBroker broker = broker("event", settings)) {
            broker.enqueueAll(tasks);
            try (JarProcess first = worker("event", settings, runLog, mode);
                    JarProcess second = worker("event", settings, runLog, mode);
                    JarProcess third = worker("event", settings, runLog, mode)) {
                await().atMost(PATIENCE).until(() -> Files.size(runLog) > 3_000);
                first.kill();
                event.run();
                await().atMost(PATIENCE)
                        .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                        .until(() -> broker.stats().unfinished() == 0);
                assertThat(second.isAlive() && third.isAlive()).isTrue();
            }
            Map<String, Integer> runs = counts(runLog, "");
            assertThat(tasks).allSatisfy(task -> {
                assertThat(broker.status(task.id()).orElseThrow().state()).isIn(TaskState.SUCCEEDED, TaskState.DEAD);
                assertThat(runs).containsKey(task.id());
            });
        }
    }

    @Test
    void a_worker_that_was_stopped_past_its_lease_comes_back_and_settles_nothing_twice() throws Exception {
        Path runLog = Files.createFile(folder.resolve("paused.log"));
        try (RedisBroker broker = broker("paused", redis.settings());
                JarProcess first = worker("paused", redis.settings(), runLog)) {
            List<Task> tasks = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                tasks.add(Task.of("record", 41));
            }
            broker.enqueueAll(tasks);
            await().atMost(PATIENCE)
                    .until(() ->
                            broker.stats().ready() < 1_900 && broker.stats().processing() > 0);
            Signal.send(first.pid(), "STOP");
            try (JarProcess second = worker("paused", redis.settings(), runLog)) {
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
                Signal.send(first.pid(), "CONT");
                Task last = Task.of("record", 1);
                broker.enqueue(last);
                await().atMost(PATIENCE)
                        .until(() -> broker.stats().unfinished() == 0
                                && broker.stats().workers() == 2);
                for (Task task : tasks) {
                    TaskStatus status = broker.status(task.id()).orElseThrow();
                    assertThat(status.state()).isEqualTo(TaskState.SUCCEEDED);
                }
                assertThat(second.isAlive()).isTrue();
            }
            Map<String, Integer> runs = counts(runLog, "");
            assertThat(tasks)
                    .allSatisfy(task -> assertThat(runs.get(task.id()))
                            .isBetween(
                                    1,
                                    1 + broker.status(task.id()).orElseThrow().recoveries()));
            first.terminate();
            assertThat(first.awaitExit()).isZero();
            assertThat(broker.stats().workers()).isEqualTo(1);
        }
    }

    private static RedisBroker broker(String queue, RedisSettings settings) {
        return RedisBroker.at(settings).queue(queue).build();
    }

    private JarProcess worker(String queue, RedisSettings settings, Path runLog) {
        return worker(queue, settings, runLog, Map.of());
    }

    private JarProcess worker(String queue, RedisSettings settings, Path runLog, Map<String, String> mode) {
        Map<String, String> environment = new HashMap<>(mode);
        environment.putAll(Map.of(
                "REDIS_ADDR",
                settings.address(),
                "QUEUE_NAME",
                queue,
                "HANDLERS_DIR",
                folder.resolve("handlers").toString(),
                "RUN_LOG",
                runLog.toString(),
                "METRICS_PORT",
                "0",
                "WORKER_LEASE",
                LEASE.toSeconds() + "s",
                "WORKER_CONCURRENCY",
                "8",
                "RETRY_BACKOFF_BASE",
                "20ms",
                // A task that is at hand when its worker is killed is not at fault.
                "MAX_RECOVERIES",
                "1000",
                "LOG_LEVEL",
                "ERROR"));
        return JarProcess.start("worker.jar", environment);
    }

    private static Map<String, Integer> counts(Path runLog, String ending) throws IOException {
        Map<String, Integer> counts = new HashMap<>();
        for (String line : Files.readAllLines(runLog)) {
            if (line.endsWith(ending)) {
                counts.merge(line.substring(0, line.indexOf(' ')), 1, Integer::sum);
            }
        }
        return counts;
    }

    private final class Round {

        private final String queue;
        private final boolean killRedis;
        private final Path runLog;
        private final List<FaultyProxy> proxies = new ArrayList<>();
        private final List<JarProcess> workers = new ArrayList<>();
        private final Map<String, Integer> doubts = new HashMap<>();
        private int kills;
        private int redisKills;

        Round(String queue, boolean killRedis) throws IOException {
            this.queue = queue;
            this.killRedis = killRedis;
            runLog = Files.createFile(folder.resolve(queue + ".log"));
        }

        void run() throws Exception {
            try (RedisBroker broker = broker(queue, redis.settings())) {
                for (int i = 0; i < WORKERS; i++) {
                    proxies.add(new FaultyProxy("127.0.0.1", redis.settings().port(), random.nextLong()));
                    proxies.get(i).breakReplies(FAULT_RATE);
                    workers.add(startWorker(i));
                }
                List<Task> accepted = enqueue();
                long drained = killUntilDone(broker);
                check(broker, accepted, drained);
                for (JarProcess worker : workers) {
                    worker.terminate();
                }
                for (JarProcess worker : workers) {
                    assertThat(worker.awaitExit()).isZero();
                }
            } finally {
                workers.forEach(JarProcess::close);
                proxies.forEach(FaultyProxy::close);
            }
        }

        private JarProcess startWorker(int i) {
            return worker(queue, RedisSettings.of(proxies.get(i).address()), runLog);
        }

        /** Through a proxy too: what may have been accepted is enqueued again, with the same ids. */
        private List<Task> enqueue() {
            List<Task> accepted = new ArrayList<>();
            try (RedisBroker faulty =
                    broker(queue, RedisSettings.of(proxies.get(0).address()))) {
                for (int from = 0; from < TASKS; from += 50) {
                    List<Task> batch = new ArrayList<>();
                    for (int i = from; i < from + 50; i++) {
                        batch.add(Task.of("record", i));
                    }
                    accepted.addAll(batch);
                    enqueueForCertain(faulty, batch);
                }
            }
            return accepted;
        }

        private void enqueueForCertain(RedisBroker faulty, List<Task> batch) {
            List<Task> left = batch;
            while (!left.isEmpty()) {
                try {
                    faulty.enqueueAll(left);
                    return;
                } catch (OutcomeUnknownException e) {
                    e.taskIds().forEach(id -> doubts.merge(id, 1, Integer::sum));
                    left = left.subList(e.accepted(), left.size());
                } catch (BrokerUnavailableException e) {
                    // Certainly not accepted: once more.
                }
            }
        }

        /** Returns how long it took, in ms, from the last kill until nothing was left. */
        private long killUntilDone(RedisBroker broker) throws InterruptedException {
            int planned = LONG ? 8 : 3;
            while (kills < planned && unfinished(broker) > 0) {
                TimeUnit.SECONDS.sleep(1);
                int victim = random.nextInt(WORKERS);
                workers.get(victim).kill();
                kills++;
                if (killRedis && kills % 3 == 2) {
                    redis.kill();
                    redis.restart();
                    redisKills++;
                }
                workers.set(victim, startWorker(victim));
            }
            long lastKill = System.nanoTime();
            await(queue).atMost(PATIENCE).until(() -> unfinished(broker) == 0);
            return (System.nanoTime() - lastKill) / 1_000_000;
        }

        private long unfinished(RedisBroker broker) {
            try {
                return broker.stats().unfinished();
            } catch (BrokerUnavailableException e) {
                return Long.MAX_VALUE;
            }
        }

        private void check(RedisBroker broker, List<Task> accepted, long drainedMillis) throws IOException {
            Map<String, Integer> runs = counts(runLog, "");
            Map<String, Integer> failures = counts(runLog, " fails");
            int repeated = 0;
            int dead = 0;
            for (Task task : accepted) {
                TaskStatus status =
                        broker.status(task.id()).orElseThrow(() -> new AssertionError("lost: " + task.id()));
                assertThat(status.state()).as(task.id()).isIn(TaskState.SUCCEEDED, TaskState.DEAD);
                dead += status.state() == TaskState.DEAD ? 1 : 0;
                int faults = status.recoveries() + doubts.getOrDefault(task.id(), 0);
                int copies = 1 + doubts.getOrDefault(task.id(), 0);
                int expected =
                        status.state() == TaskState.DEAD ? 4 : 1 + Math.min(1, failures.getOrDefault(task.id(), 0));
                int ran = runs.getOrDefault(task.id(), 0);
                assertThat(ran).as("runs of %s", status).isBetween(1, expected * copies + faults);
                repeated += ran > expected ? 1 : 0;
            }
            // Not two places: but for the dead letters every place is empty, and each dead id is there once a copy.
            assertThat(broker.stats().unfinished()).isZero();
            assertThat(broker.stats().dead()).isGreaterThanOrEqualTo(dead);
            assertThat(broker.stats().dead()).isLessThanOrEqualTo(dead + (long) doubts.size());
            System.out.printf(
                    "chaos %s: %d accepted, %d dead as planned, 0 lost, %d run again; %d workers killed, %d Redis, "
                            + "%d connections cut, %d in doubt at enqueue; drained %d ms after the last kill%n",
                    queue,
                    accepted.size(),
                    dead,
                    repeated,
                    kills,
                    redisKills,
                    proxies.stream().mapToInt(FaultyProxy::faults).sum(),
                    doubts.size(),
                    drainedMillis);
        }
    }
}
