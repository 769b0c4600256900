package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.internal.BrokerEngine;
import dev.taskqueue.broker.internal.BrokerSession;
import dev.taskqueue.broker.internal.Claim;
import dev.taskqueue.broker.internal.Outcome;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tasks that wait for an idempotency key cost next to nothing while they wait, and none is forgotten. */
class BusyKeyTest {

    private static final Duration LEASE = Duration.ofSeconds(12);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private long commands(String... names) {
        long sum = 0;
        for (String line : redis.client().info("commandstats").split("\r?\n")) {
            for (String name : names) {
                if (line.startsWith("cmdstat_" + name + ":")) {
                    sum += Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1"));
                }
            }
        }
        return sum;
    }

    @Test
    void thousands_of_the_very_same_bytes_are_put_off_without_a_search_for_each() {
        int copies = 5_000;
        try (RedisBroker broker = redis.broker()) {
            BrokerSession session = BrokerEngine.of(broker).session("w1", LEASE);
            session.beat();
            Task task = Task.of("t", 1).withIdempotencyKey("k");
            broker.enqueueAll(Collections.nCopies(copies, task));
            long before = commands("zadd");
            List<Claim> claims = session.claim(copies).claims();
            while (!claims.isEmpty()) {
                session.settle(claims.stream()
                        .map(claim -> new Outcome.Deferred(claim, Duration.ofMinutes(1)))
                        .toList());
                claims = session.claim(copies).claims();
            }
            assertThat(broker.stats().scheduled()).isEqualTo(copies);
            assertThat(commands("zadd") - before).isLessThan(3L * copies);
        }
    }

    @Test
    void thousands_behind_one_key_are_looked_at_now_and_then_and_all_come_to_their_end() throws Exception {
        int tasks = 4_000;
        Set<String> ran = ConcurrentHashMap.newKeySet();
        try (RedisBroker broker = redis.broker()) {
            BrokerSession holder = BrokerEngine.of(broker).session("holder", LEASE);
            holder.beat();
            broker.enqueue(Task.of("first", 0).withIdempotencyKey("k"));
            List<Claim> held = holder.claim(1).claims();
            holder.begin(held, () -> held);
            // As if it had been held for a minute.
            redis.client()
                    .pexpire(redis.key("idempotency:k"), Duration.ofDays(8).toMillis() - 60_000);
            broker.enqueueAll(IntStream.range(0, tasks)
                    .mapToObj(i -> Task.of("t", i).withIdempotencyKey("k"))
                    .toList());
            try (Worker worker = Worker.of(broker)
                    .concurrency(10)
                    .lease(LEASE)
                    .handler("t", task -> ran.add(task.id()))
                    .start()) {
                await().atMost(PATIENCE).until(() -> allWaitForLong(tasks));
                String[] asked = {"zadd", "zrem", "lpush", "rpop", "lrem", "get", "set", "evalsha"};
                long before = commands(asked);
                // A rate is what is claimed here: it takes time, and the machine's speed does not matter.
                Thread.sleep(3_000);
                assertThat(commands(asked) - before)
                        .as("commands in three seconds, while %d wait", tasks)
                        .isLessThan(3_000);
                assertThat(ran).isEmpty();
                holder.settle(List.of(new Outcome.Succeeded(held.get(0), Duration.ZERO, Optional.empty())));
                await().atMost(PATIENCE).until(() -> broker.stats().unfinished() == 0);
                assertThat(worker.isReady()).isTrue();
            }
            assertThat(ran).isEmpty();
            assertThat(broker.stats().dead()).isZero();
        }
    }

    private boolean allWaitForLong(int tasks) {
        double soon = System.currentTimeMillis() + 6_000.0;
        return redis.client().zcount(redis.key("scheduled"), soon, Double.POSITIVE_INFINITY) == tasks;
    }
}
