package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Enqueued;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several queues over one broker's connections. */
class SeveralQueuesTest extends BrokerFixture {

    private static final Duration LEASE = Duration.ofSeconds(30);

    private final String reports = redis.queue() + "-reports";

    @Test
    void a_worker_opens_a_session_for_each_queue_on_one_set_of_connections() {
        BrokerEngine engine = BrokerEngine.of(broker);
        BrokerEngine other = engine.queue(reports);
        broker.enqueue("t", "own");
        Task task = Task.of("t", "report");
        other.enqueue(List.of(task));
        assertThat(redis.client().llen(redis.queue())).isEqualTo(1);
        assertThat(redis.client().llen(reports)).isEqualTo(1);
        assertThat(other.session("w2", LEASE).claim(10).claims())
                .extracting(claim -> claim.task().id())
                .containsExactly(task.id());
        assertThat(redis.client().llen(reports + ":processing:w2")).isEqualTo(1);
        assertThat(other.queue()).isEqualTo(reports);
        assertThat(other.limits()).isSameAs(engine.limits());
        assertThat(other.longestCall()).isEqualTo(engine.longestCall());
    }

    @Test
    void only_the_engine_that_was_made_first_closes_the_connections() {
        BrokerEngine engine = BrokerEngine.of(broker);
        BrokerEngine other = engine.queue(reports);
        BrokerEngine ofOther = other.queue(redis.queue());
        other.close();
        ofOther.close();
        assertThat(engine.isClosed()).isFalse();
        engine.ping();
        engine.close();
        assertThat(other.isClosed()).isTrue();
        assertThatThrownBy(other::ping).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_view_is_a_broker_of_another_queue_with_the_same_limits_and_mapper() {
        ObjectMapper mapper = new ObjectMapper();
        try (RedisBroker own = redis.brokerBuilder()
                .defaultMaxRetries(9)
                .maxTaskBytes(2_000)
                .json(mapper)
                .build()) {
            RedisBroker view = own.queue(reports);
            assertThat(view.queue()).isEqualTo(reports);
            assertThat(view.queues()).containsExactly(reports);
            assertThat(own.queues()).containsExactly(redis.queue());
            Enqueued sent = view.enqueue("t", List.of(1));
            assertThat(sent.queue()).isEqualTo(reports);
            assertThat(own.enqueue("t", 1).queue()).isEqualTo(redis.queue());
            assertThat(redis.client().lindex(reports, 0)).contains("\"max_retries\":9");
            assertThat(view.stats().normal()).isEqualTo(1);
            assertThat(view.status(sent.id())).isPresent();
            assertThat(own.status(sent.id())).isEmpty();
            assertThat(BrokerEngine.of(view).json()).isSameAs(mapper);
            assertThatThrownBy(() -> view.enqueue("t", "x".repeat(2_000))).isInstanceOf(InvalidTaskException.class);
        }
    }

    @Test
    void views_share_the_connections_of_the_broker_that_was_built_and_do_not_close_them() throws Exception {
        try (RedisProcess server = RedisProcess.start("--appendonly", "no")) {
            RedisBroker own = RedisBroker.at(server.settings()).build();
            for (int i = 0; i < 200; i++) {
                try (RedisBroker view = own.queue("q" + i)) {
                    view.enqueue("t", i);
                }
            }
            assertThat(RedisProcess.text(server.command("INFO", "clients"))).contains("connected_clients:2");
            RedisBroker view = own.queue("q0");
            own.close();
            assertThatThrownBy(() -> view.enqueue("t", 1)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void many_threads_make_views_and_use_them_at_once() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Enqueued>> calls = IntStream.range(0, 400)
                    .<Callable<Enqueued>>mapToObj(
                            i -> () -> broker.queue(redis.queue() + "-" + i % 4).enqueue(Task.of("t", i)))
                    .toList();
            for (Future<Enqueued> sent : threads.invokeAll(calls)) {
                assertThat(broker.queue(sent.get().queue()).status(sent.get().id()))
                        .isPresent();
            }
        } finally {
            threads.shutdown();
        }
        for (int i = 0; i < 4; i++) {
            assertThat(broker.queue(redis.queue() + "-" + i).stats().normal()).isEqualTo(100);
        }
    }

    @Test
    void a_name_that_is_not_allowed_is_refused() {
        BrokerEngine engine = BrokerEngine.of(broker);
        assertThatThrownBy(() -> broker.queue("{a}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> engine.queue("a b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("queue name is \"a b\"");
        assertThatThrownBy(() -> engine.queue("mail:task")).isInstanceOf(IllegalArgumentException.class);
    }
}
