package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bare pushes of the very same bytes, without ids, while workers are killed: each is a task of its own, so what befalls its
 * copies is not counted against it. 20,000 with 3 kills in a plain build, 200,000 with 12 with {@code -Pchaos}.
 */
class BarePushCrashTest {

    private static final boolean LONG = System.getProperty("chaos", "short").equals("long");
    private static final int TASKS = LONG ? 200_000 : 20_000;
    private static final int KILLS = LONG ? 12 : 3;
    private static final int JVMS = LONG ? 4 : 2;
    private static final int THREADS = 8;
    private static final int MAX_RECOVERIES = 3;
    private static final int PUSHED_AT_ONCE = 1_000;
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Random RANDOM = new Random();

    private static final String QUEUE = "bare";

    @TempDir
    Path folder;

    /** Of its own: hundreds of thousands of statuses go with it. */
    private RedisProcess redis;

    @BeforeEach
    void start() {
        redis = RedisProcess.start("--appendonly", "no");
    }

    @AfterEach
    void close() {
        redis.close();
    }

    private long begun() {
        return (long) redis.command("SCARD", FleetWorker.idsRun(QUEUE));
    }

    private void pushAll() {
        String[] push = new String[PUSHED_AT_ONCE + 2];
        Arrays.fill(push, "{\"type\":\"" + FleetWorker.COUNT + "\",\"payload\":0}");
        push[0] = "LPUSH";
        push[1] = QUEUE;
        for (int pushed = 0; pushed < TASKS; pushed += PUSHED_AT_ONCE) {
            redis.command(push);
        }
    }

    /** When so many have begun, anywhere in the first nine tenths, a worker that is at work dies. */
    private void killWhileTheyDrain(Fleet fleet) {
        for (int moment : RANDOM.ints(KILLS, 1, TASKS * 9 / 10).sorted().toArray()) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> begun() >= moment && fleet.killReady(RANDOM.nextInt(JVMS)));
        }
    }

    @Test
    void copies_all_run_and_none_is_taken_for_poison() throws Exception {
        long beganNanos = System.nanoTime();
        pushAll();
        try (RedisBroker broker = RedisBroker.at(redis.settings()).queue(QUEUE).build();
                Fleet fleet =
                        Fleet.start(folder, JVMS, redis.settings().address(), QUEUE, THREADS, LEASE, MAX_RECOVERIES)) {
            killWhileTheyDrain(fleet);
            long atLastKill = broker.stats().unfinished();
            await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
            System.out.printf(
                    "bare pushes: %d of %d identical ones begun, %s of them again, %d dead; %d JVMs killed, "
                            + "the last with %d left; %d ms%n",
                    begun(),
                    TASKS,
                    redis.command("EXISTS", FleetWorker.runAgain(QUEUE)).equals(0L)
                            ? "none"
                            : RedisProcess.text(redis.command("GET", FleetWorker.runAgain(QUEUE))),
                    broker.stats().dead(),
                    fleet.deaths(),
                    atLastKill,
                    (System.nanoTime() - beganNanos) / 1_000_000);
            assertThat(broker.stats().dead()).isZero();
            // Each has got an id before it began, so that as many ids have begun as there are tasks.
            assertThat(begun()).isEqualTo(TASKS);
            // A JVM that was just killed may look alive for a moment.
            await().atMost(PATIENCE).until(() -> fleet.deaths() == KILLS && fleet.isReady());
            assertThat(broker.stats().processing()).isZero();
        }
    }
}
