package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.testing.RedisProcess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.args.FlushMode;

/**
 * Very many tasks due in the same second: they come to their lanes in order and no slower than half as fast as they are run,
 * and other commands hardly wait. A million with {@code -Pchaos}; then the figures are printed, and the ratio counts.
 */
class MillionDueTest {

    private static final boolean LONG = "long".equals(System.getProperty("chaos"));
    private static final int TASKS = LONG ? 1_000_000 : 20_000;
    private static final int[] BATCHES = LONG ? new int[] {25, 50, 100, 200} : new int[] {Promoter.MAX_BATCH};
    private static final int PAGE = 1_000;

    private RedisProcess redis;
    private RedisBroker broker;
    private Jedis jedis;

    @BeforeEach
    void open() {
        redis = RedisProcess.start("--appendonly", "no");
        broker = RedisBroker.at(redis.settings()).build();
        jedis = connect();
    }

    @AfterEach
    void close() {
        jedis.close();
        broker.close();
        redis.close();
    }

    private Jedis connect() {
        return new Jedis(redis.settings().host(), redis.settings().port());
    }

    private void schedule() {
        long second = System.currentTimeMillis() - 2_000;
        byte[] scheduled = (broker.queue() + ":scheduled").getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < TASKS; from += PAGE) {
            try (Pipeline pipeline = jedis.pipelined()) {
                for (int i = from; i < from + PAGE; i++) {
                    Task task = Task.of("t", i).at(Instant.ofEpochMilli(second + i * 1_000L / TASKS));
                    pipeline.zadd(scheduled, second + i * 1_000L / TASKS, broker.format(task));
                }
            }
        }
        assertThat(broker.stats().scheduled()).isEqualTo(TASKS);
    }

    @Test
    void they_are_promoted_in_order_and_fast_and_others_hardly_wait() {
        BrokerSession session = BrokerEngine.of(broker).session("w", Duration.ofSeconds(30));
        session.beat();
        for (int batch : BATCHES) {
            schedule();
            Pings idle = new Pings();
            LockSupport.parkNanos(LONG ? 3_000_000_000L : 0);
            String alone = idle.end();
            jedis.configResetStat();
            Pings pings = new Pings();
            long start = System.nanoTime();
            while (session.promote(batch).map(Duration::isZero).orElse(false)) {}
            double promoted = TASKS / ((System.nanoTime() - start) / 1e9);
            String latency = pings.end() + ", " + microsACall() + " µs a script";
            assertThat(broker.stats().normal()).isEqualTo(TASKS);
            assertOrder();
            Pings besideRuns = new Pings();
            double drained = drain();
            String drainLatency = besideRuns.end();
            jedis.flushAll(FlushMode.ASYNC);
            System.out.printf(
                    "batch %4d: promoted %6.0f/s, drained %6.0f/s, ratio %.2f; PING beside it %s; beside a drain %s; alone %s%n",
                    batch, promoted, drained, promoted / drained, latency, drainLatency, alone);
            if (LONG && batch == Promoter.MAX_BATCH) {
                assertThat(promoted / drained).isGreaterThan(0.5);
            }
        }
    }

    /** How long others wait at least while a script runs, whatever else this machine does. */
    private String microsACall() {
        return jedis.info("commandstats").replaceAll("(?s).*cmdstat_evalsha:.*?usec_per_call=([0-9.]+).*", "$1");
    }

    /** By their times, which many share. */
    private void assertOrder() {
        long last = Long.MAX_VALUE;
        for (int from = 0; from < TASKS; from += 10_000) {
            for (String text : jedis.lrange(broker.queue(), from, from + 9_999)) {
                long due = Long.parseLong(text.replaceAll(".*\"run_at\":(\\d+).*", "$1"));
                if (due > last) {
                    assertThat(due).isLessThanOrEqualTo(last);
                }
                last = due;
            }
        }
    }

    private double drain() {
        AtomicLong left = new AtomicLong(TASKS);
        try (Worker worker = Worker.of(broker)
                .concurrency(10)
                .handler("t", task -> left.decrementAndGet())
                .build()) {
            long start = System.nanoTime();
            worker.start();
            while (left.get() > 0 || broker.stats().unfinished() > 0) {
                LockSupport.parkNanos(1_000_000);
            }
            return TASKS / ((System.nanoTime() - start) / 1e9);
        }
    }

    /** What somebody else's PINGs take meanwhile. */
    private final class Pings extends Thread {

        private final long[] nanos = new long[1_000_000];
        private int count;
        private volatile boolean stopping;

        Pings() {
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            try (Jedis client = connect()) {
                while (!stopping && count < nanos.length) {
                    long start = System.nanoTime();
                    client.ping();
                    nanos[count++] = System.nanoTime() - start;
                    LockSupport.parkNanos(200_000);
                }
            }
        }

        String end() {
            stopping = true;
            try {
                join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (count == 0) {
                return "none";
            }
            long[] sorted = Arrays.copyOf(nanos, count);
            Arrays.sort(sorted);
            StringBuilder text = new StringBuilder();
            for (double quantile : List.of(0.5, 0.99, 0.999)) {
                text.append(String.format(
                        "p%s %.2f ms, ", 100 * quantile, sorted[(int) (quantile * (count - 1))] / 1e6));
            }
            return text.append(count).append(" samples").toString();
        }
    }
}
