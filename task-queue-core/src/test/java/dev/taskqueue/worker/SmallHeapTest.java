package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** A worker in a heap of 64 MiB gets through whatever lies in its queue: what is too large is buried, the rest runs. */
class SmallHeapTest {

    private static final int MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    private RedisBroker broker;
    private Jedis client;
    private Process worker;

    @BeforeEach
    void open() {
        // Redis takes a while for what this test does to it.
        broker = RedisBroker.at(redis.settings().toBuilder()
                        .timeouts(PATIENCE, PATIENCE)
                        .build())
                .queue(redis.queue())
                .build();
        client = new Jedis(redis.settings().host(), redis.settings().port(), (int) PATIENCE.toMillis());
    }

    @AfterEach
    void close() throws Exception {
        if (worker != null) {
            worker.destroyForcibly();
            worker.waitFor();
        }
        client.close();
        broker.close();
    }

    private void startWorker() throws IOException {
        List<String> command =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(), "-Xmx64m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), SmallHeapWorker.class.getName()));
        command.addAll(List.of(redis.settings().address(), redis.queue()));
        worker = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("worker.log").toFile())
                .start();
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("worker.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static byte[] blanks(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) ' ');
        return bytes;
    }

    private byte[] key(String suffix) {
        return redis.key(suffix).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] lane() {
        return redis.queue().getBytes(StandardCharsets.UTF_8);
    }

    /** Tasks just within the limit: as bytes and as what is read from them, all of them are more than the heap. */
    private static List<Task> largeTasks() {
        return IntStream.range(0, 50)
                .mapToObj(i -> Task.of("t", "x".repeat(MIB - MIB / 100)))
                .toList();
    }

    private void awaitIdleWorker() {
        await(() -> broker.stats().workers() == 1);
        // One that has run is followed by a wait in Redis.
        runSmallTask();
    }

    private void runSmallTask() {
        String id = broker.enqueue("t", 1).id();
        await(() -> broker.status(id).orElseThrow().state() == TaskState.SUCCEEDED);
    }

    private void await(Callable<Boolean> condition) {
        try {
            Awaitility.await().atMost(PATIENCE).until(condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(broker.stats() + "\n" + log(), e);
        }
    }

    /** It ends by itself, having put nothing back. */
    private void endWorker() throws Exception {
        worker.getOutputStream().close();
        assertThat(worker.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).as(log()).isZero();
        assertThat(broker.stats().unfinished()).isZero();
    }

    @Test
    void an_entry_of_20_mib_that_arrives_while_it_waits_is_buried() throws Exception {
        startWorker();
        awaitIdleWorker();
        client.lpush(lane(), blanks(20 * MIB));
        await(() -> broker.stats().dead() == 1);
        client.lpush(lane(), blanks(40 * MIB));
        await(() -> broker.stats().dead() == 2);
        runSmallTask();
        endWorker();
    }

    @Test
    void entries_of_20_mib_that_wait_are_buried() throws Exception {
        for (int size : new int[] {20, 20, 30, 40}) {
            client.lpush(lane(), blanks(size * MIB));
        }
        startWorker();
        await(() -> broker.stats().dead() == 4);
        runSmallTask();
        endWorker();
    }

    @Test
    void an_entry_of_30_mib_among_the_scheduled_is_buried() throws Exception {
        client.zadd(key("scheduled"), 1, blanks(30 * MIB));
        client.zadd(key("scheduled"), 2, "{\"type\":\"t\"}".getBytes(StandardCharsets.UTF_8));
        startWorker();
        await(() -> broker.stats().dead() == 1 && broker.stats().unfinished() == 0);
        runSmallTask();
        endWorker();
    }

    @Test
    void fifty_tasks_of_nearly_a_mib_run() throws Exception {
        List<Task> tasks = largeTasks();
        broker.enqueueAll(tasks);
        startWorker();
        assertAllRun(tasks);
    }

    @Test
    void fifty_tasks_of_nearly_a_mib_in_a_dead_workers_list_run() throws Exception {
        List<Task> tasks = largeTasks();
        tasks.forEach(task -> client.lpush(key("processing:lost"), broker.format(task)));
        client.zadd(redis.key("workers"), 1, "lost");
        redis.letBeSilent("lost", Duration.ofSeconds(30));
        startWorker();
        assertAllRun(tasks);
    }

    @Test
    void fifty_scheduled_tasks_of_nearly_a_mib_run() throws Exception {
        List<Task> tasks = largeTasks();
        tasks.forEach(task -> client.zadd(key("scheduled"), 1, broker.format(task)));
        startWorker();
        assertAllRun(tasks);
    }

    private void assertAllRun(List<Task> tasks) throws Exception {
        await(() -> tasks.stream()
                .allMatch(task -> broker.status(task.id())
                        .filter(status -> status.state() == TaskState.SUCCEEDED)
                        .isPresent()));
        runSmallTask();
        endWorker();
        assertThat(broker.stats().dead()).isZero();
    }
}
