package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/**
 * What a task costs, in counts that do not depend on the machine: commands and round trips, bytes in Redis, bytes
 * allocated. The bounds leave a little room over what was measured, so that a change that makes it worse shows.
 */
class CostTest {

    private static final int TASKS = 20_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private RedisProcess redis;
    private RedisBroker broker;
    private Jedis jedis;

    @BeforeEach
    void open() {
        redis = RedisProcess.start("--appendonly", "no");
        broker = RedisBroker.at(redis.settings()).build();
        jedis = new Jedis(redis.settings().host(), redis.settings().port());
    }

    @AfterEach
    void close() {
        jedis.close();
        broker.close();
        redis.close();
    }

    private static List<Task> tasks(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Task.of("t", "x".repeat(20)))
                .toList();
    }

    private long calls(String command) {
        return jedis.info("commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_" + command + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
                .sum();
    }

    private void drain() {
        try (Worker worker =
                Worker.of(broker).concurrency(10).handler("t", task -> null).start()) {
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            assertThat(worker.isReady()).isTrue();
        }
    }

    @Test
    void draining_full_takes_few_round_trips_and_few_commands_a_task() {
        broker.enqueueAll(tasks(TASKS));
        jedis.configResetStat();
        drain();
        double scripts = (calls("evalsha") + calls("eval") + calls("blmove")) / (double) TASKS;
        double inside = (calls("set") + listCommands()) / (double) TASKS;
        assertThat(scripts).as("round trips a task").isLessThan(0.06);
        assertThat(inside).as("commands a task, inside of scripts").isBetween(1.0, 1.3);
    }

    /** What the scripts do to lists: a batch of tasks is taken from one, or put into one, at a stroke. */
    private long listCommands() {
        return calls("lrem") + calls("rpop") + calls("lpush") + calls("rpush") + calls("lmove");
    }

    @Test
    void a_batch_is_enqueued_in_a_few_transactions_and_no_script() {
        jedis.configResetStat();
        broker.enqueueAll(tasks(TASKS));
        assertThat(calls("exec")).isEqualTo(calls("lpush")).isEqualTo(calls("mset"));
        assertThat(calls("exec")).isBetween(1L, TASKS / 100L);
        assertThat(calls("evalsha") + calls("eval") + calls("set")).isZero();
    }

    @Test
    void an_untracked_task_costs_no_command_of_its_own() {
        try (RedisBroker untracked =
                RedisBroker.at(redis.settings()).taskStatusTtl(Duration.ZERO).build()) {
            untracked.enqueueAll(tasks(TASKS));
            assertThat(calls("lpush")).isLessThanOrEqualTo(TASKS / 500);
            jedis.configResetStat();
            try (Worker worker = Worker.of(untracked)
                    .concurrency(10)
                    .handler("t", task -> null)
                    .start()) {
                await().atMost(PATIENCE).until(() -> untracked.stats().unfinished() == 0);
                assertThat(worker.isReady()).isTrue();
            }
        }
        assertThat(calls("mset")).isZero();
        assertThat(calls("pexpire") + calls("hincrby"))
                .as("two a heartbeat, for the history")
                .isLessThan(10);
        assertThat(calls("set"))
                .as("two a turn of the scan for orphans, and one for the format")
                .isLessThan(20);
        assertThat(listCommands() / (double) TASKS).as("commands a task").isBetween(0.001, 0.3);
    }

    /** With some 150 bytes of JSON, and a type of no more than 15 characters. */
    @Test
    void a_queued_task_takes_few_bytes_of_redis() {
        List<Task> tasks = IntStream.range(0, TASKS)
                .mapToObj(i -> Task.of("email:send", "x".repeat(30)))
                .toList();
        double text = broker.format(tasks.get(0)).length;
        assertThat(text).isBetween(145.0, 155.0);
        long before = usedMemory();
        try (RedisBroker untracked =
                RedisBroker.at(redis.settings()).taskStatusTtl(Duration.ZERO).build()) {
            untracked.enqueueAll(tasks);
        }
        double untracked = (usedMemory() - before) / (double) TASKS;
        assertThat(untracked / text).as("bytes a byte, without status").isLessThan(1.08);
        redis.command("FLUSHALL");
        before = usedMemory();
        broker.enqueueAll(tasks);
        double tracked = (usedMemory() - before) / (double) TASKS;
        assertThat(tracked - untracked).as("bytes a status").isLessThan(165);
        assertThat(tracked / text).as("bytes a byte, with status").isLessThan(2.15);
    }

    private long usedMemory() {
        return jedis.info("memory")
                .lines()
                .filter(line -> line.startsWith("used_memory:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .sum();
    }

    @Test
    void a_task_allocates_little_on_its_way() {
        drainCountingAllocation();
        long bytes = drainCountingAllocation();
        assertThat(bytes).as("bytes allocated a task").isBetween(1_000L, 3_500L);
    }

    private long drainCountingAllocation() {
        broker.enqueueAll(tasks(TASKS));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Worker worker =
                Worker.of(broker).concurrency(4).handler("t", task -> null).start()) {
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            long[] ids = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().endsWith(worker.name()))
                    .mapToLong(thread -> thread.getId())
                    .toArray();
            return Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum() / TASKS;
        }
    }

    @Test
    void an_idle_worker_asks_redis_less_than_five_times_a_second() throws Exception {
        try (Worker worker =
                Worker.of(broker).concurrency(10).handler("t", task -> null).start()) {
            await().until(worker::isReady);
            Thread.sleep(1_000);
            jedis.configResetStat();
            // A rate is what is claimed here: it takes time, and the machine's speed does not matter.
            Thread.sleep(6_000);
            long asked = calls("evalsha") + calls("blmove") + calls("scan") + calls("lrange");
            assertThat(asked / 6.0).as("what it asks a second").isBetween(1.0, 4.99);
            long inside = calls("exists") + calls("zrange") + calls("time") + calls("rpop") + calls("type");
            assertThat((asked + inside) / 6.0)
                    .as("with what that does in Redis")
                    .isLessThan(8.0);
        }
    }

    @Test
    void an_idle_worker_of_sixteen_queues_asks_redis_less_than_forty_times_a_second() throws Exception {
        Worker.Builder builder = Worker.of(broker).concurrency(10).handler("t", task -> null);
        IntStream.range(0, 16).forEach(i -> builder.queue("q" + i));
        try (Worker worker = builder.start()) {
            await().until(worker::isReady);
            Thread.sleep(1_000);
            jedis.configResetStat();
            Thread.sleep(6_000);
            long asked = calls("evalsha") + calls("blmove") + calls("scan") + calls("lrange");
            assertThat(asked / 6.0).as("what it asks a second").isBetween(16.0, 39.99);
        }
    }
}
