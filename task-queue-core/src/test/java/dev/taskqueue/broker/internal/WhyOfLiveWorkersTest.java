package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.Explanation;
import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Explanation.Reason;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.worker.QuickWorkers;
import dev.taskqueue.worker.Worker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is told of tasks by what live workers say of themselves. */
@SuppressWarnings("try")
class WhyOfLiveWorkersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private static List<Code> codes(Explanation explanation) {
        return explanation.reasons().stream().map(Reason::code).toList();
    }

    private static Reason last(Explanation explanation) {
        return explanation.reasons().get(explanation.reasons().size() - 1);
    }

    @Test
    void tell_who_runs_it_in_which_thread_and_what_nobody_handles() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (RedisBroker broker = redis.broker();
                Worker worker = QuickWorkers.of(broker)
                        .concurrency(1)
                        .handler("t", task -> {
                            end.await();
                            return null;
                        })
                        .start()) {
            broker.enqueue(Task.of("t", 1).withId("runs"));
            await().atMost(PATIENCE).until(() -> last(broker.why("runs")).text().contains(" in thread "));
            assertThat(codes(broker.why("runs"))).containsExactly(Code.RUNNING);
            assertThat(last(broker.why("runs")).text())
                    .contains("on worker " + broker.workers().get(0).name());
            broker.pause("test");
            broker.enqueue(Task.of("t", 1).withId("waits"));
            broker.enqueue(Task.of("new", 1).withId("unknown"));
            assertThat(codes(broker.why("waits"))).containsExactly(Code.PAUSED, Code.READY);
            Explanation unknown = broker.why("unknown");
            assertThat(codes(unknown)).containsExactly(Code.PAUSED, Code.NO_HANDLER, Code.READY);
            assertThat(unknown.reasons().get(1).text()).contains("its type \"new\"; they handle \"t\".");
            broker.quietAll();
            assertThat(codes(broker.why("waits"))).containsExactly(Code.PAUSED, Code.WORKERS_QUIET, Code.READY);
            broker.unquietAll();
            broker.resume();
            await().atMost(PATIENCE).until(() -> codes(broker.why("waits")).equals(List.of(Code.READY)));
            await().atMost(PATIENCE)
                    .until(() -> last(broker.why("waits"))
                            .remedy()
                            .startsWith("1 of 1 thread of 1 worker runs tasks of this queue. It is taken in its turn"));
            end.countDown();
        }
    }
}
