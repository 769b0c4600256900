package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Redis away: said in a sentence, and over by itself. */
class OutageTest {

    @Test
    void redis_away_is_told_and_comes_back_by_itself() {
        try (RedisProcess redis = RedisProcess.start();
                RedisBroker broker = RedisBroker.at(redis.settings()).build();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker))) {
            assertThat(server.get("/api/queues").status()).isEqualTo(200);
            redis.kill();
            for (String path : new String[] {"/api/tasks/x", "/api/dead", "/api/crons", "/api/workers"}) {
                TestDashboard.Answer away = server.get(path);
                assertThat(away.status()).as(path).isEqualTo(503);
                assertThat(away.header("Content-Type")).isEqualTo(Problem.MEDIA_TYPE);
                assertThat(away.header("Retry-After")).isNotEmpty();
                assertThat(away.json().get("detail").textValue()).contains("Redis");
            }
            assertThat(server.post("/api/tasks", "{\"type\":\"t\"}").status()).isEqualTo(503);
            redis.restart();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> server.get("/api/queues").status() == 200);
            assertThat(server.post("/api/tasks", "{\"type\":\"t\"}").status()).isEqualTo(201);
        }
    }

    @Test
    void what_all_are_shown_alike_is_asked_for_once_a_second_failures_too() throws Exception {
        AtomicLong clock = new AtomicLong();
        AtomicInteger asked = new AtomicInteger();
        Shared.Source<Integer> source = () -> {
            if (asked.incrementAndGet() == 2) {
                throw new IllegalStateException("away");
            }
            return asked.get();
        };
        Freshness freshness = Freshness.of(clock::get);
        Shared<Integer> shared = new Shared<>(freshness);
        assertThat(asked).hasValue(0);
        assertThat(shared.get(source)).isOne();
        assertThat(shared.get(source)).isOne();
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        for (int i = 0; i < 3; i++) {
            assertThatIllegalStateException().isThrownBy(() -> shared.get(source));
        }
        assertThat(asked).hasValue(2);
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(shared.get(source)).isEqualTo(3);
        freshness.change();
        assertThat(shared.get(source)).as("after a change").isEqualTo(4);
        assertThat(shared.get(source)).isEqualTo(4);
    }
}
