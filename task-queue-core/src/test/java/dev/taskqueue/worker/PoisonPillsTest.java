package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.TaskStatus;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tasks that take their JVM along are buried, and only they: not the tasks that lay beside them each time. In a plain build
 * a few pills for two JVMs, more for three with {@code -Pchaos}; {@code -Dpills}, {@code -Dpills.innocents},
 * {@code -Dpills.jvms} and {@code -Dpills.threads} set the sizes, {@code -Dpills.rounds} how often.
 */
class PoisonPillsTest {

    private static final boolean LONG = System.getProperty("chaos", "short").equals("long");
    private static final int ROUNDS = Integer.getInteger("pills.rounds", 1);
    private static final int PILLS = Integer.getInteger("pills", LONG ? 6 : 2);
    private static final int INNOCENTS = Integer.getInteger("pills.innocents", LONG ? 500 : 100);
    private static final int JVMS = Integer.getInteger("pills.jvms", LONG ? 3 : 2);
    private static final int THREADS = Integer.getInteger("pills.threads", LONG ? 4 : 8);
    private static final int MAX_RECOVERIES = LONG ? 3 : 1;
    private static final int LONGEST_RUN_MS = 40;
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(LONG ? Math.max(5, PILLS) : 2);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @TempDir
    Path folder;

    private static boolean hasEnded(RedisBroker broker, Task task) {
        return broker.status(task.id()).orElseThrow().state().isFinal();
    }

    private static List<String> innocentDead(RedisBroker broker, List<Task> innocents) {
        return innocents.stream()
                .map(task -> broker.status(task.id()).orElseThrow())
                .filter(status -> status.state() != TaskState.SUCCEEDED)
                .map(TaskStatus::toString)
                .toList();
    }

    static IntStream rounds() {
        return IntStream.range(0, ROUNDS);
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void pills_are_buried_and_what_lay_beside_them_runs(int round) throws Exception {
        List<Task> innocents = IntStream.range(0, INNOCENTS)
                .mapToObj(i -> Task.of(FleetWorker.RECORD, i % LONGEST_RUN_MS))
                .toList();
        List<Task> pills = IntStream.range(0, PILLS)
                .mapToObj(i -> Task.of(FleetWorker.PILL, 0))
                .toList();
        List<Task> all = new ArrayList<>(innocents);
        all.addAll(pills);
        Collections.shuffle(all, new Random(6 + round));
        long beganNanos = System.nanoTime();
        try (RedisBroker broker = redis.broker()) {
            broker.enqueueAll(all);
            try (Fleet fleet = Fleet.start(
                    folder, JVMS, redis.settings().address(), redis.queue(), THREADS, LEASE, MAX_RECOVERIES)) {
                try {
                    await().atMost(PATIENCE)
                            .pollInterval(Duration.ofMillis(200))
                            .until(() -> broker.stats().unfinished() == 0
                                    && all.stream().allMatch(task -> hasEnded(broker, task)));
                } catch (ConditionTimeoutException e) {
                    throw new AssertionError(broker.stats() + " after " + fleet.deaths() + " deaths", e);
                }
                System.out.printf(
                        "poison %d: %d pills took %d JVMs, %d of %d innocents did not succeed; %d ms%n",
                        round,
                        PILLS,
                        fleet.deaths(),
                        innocentDead(broker, innocents).size(),
                        INNOCENTS,
                        (System.nanoTime() - beganNanos) / 1_000_000);
            }
            assertThat(innocentDead(broker, innocents))
                    .as("innocents that did not succeed")
                    .isEmpty();
            List<Task> letters = redis.client().lrange(redis.key("dead"), 0, -1).stream()
                    .map(broker::parse)
                    .toList();
            assertThat(letters.stream().map(Task::id).collect(Collectors.toSet()))
                    .isEqualTo(pills.stream().map(Task::id).collect(Collectors.toSet()));
            assertThat(redis.client().lrange(redis.key("dead"), 0, -1))
                    .hasSize(PILLS)
                    .allSatisfy(letter -> assertThat(letter).contains("\"reason\":\"poison"));
        }
    }
}
