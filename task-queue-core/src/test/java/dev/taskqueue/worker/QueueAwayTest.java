package dev.taskqueue.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** In a cluster each queue lies on some node; one whose node hangs stops none of the others. */
class QueueAwayTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void a_queue_whose_node_hangs_stops_no_other() {
        try (TestCluster cluster = TestCluster.start()) {
            // Else the nodes refuse everything while one is away.
            cluster.onEach("CONFIG", "SET", "cluster-require-full-coverage", "no");
            RedisSettings settings = RedisSettings.at(cluster.addresses())
                    .cluster()
                    .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1))
                    .build();
            List<String> hanging = onNode(cluster, 0, 3);
            List<String> others = new ArrayList<>(onNode(cluster, 1, 2));
            others.addAll(onNode(cluster, 2, 1));
            try (RedisBroker broker = RedisBroker.at(settings).build()) {
                Worker.Builder builder = Worker.of(broker)
                        .concurrency(2)
                        .lease(Duration.ofSeconds(8))
                        .handler("t", task -> null);
                hanging.forEach(builder::queue);
                others.forEach(builder::queue);
                try (Worker worker = builder.start()) {
                    await().atMost(PATIENCE).until(worker::isReady);
                    cluster.whileHanging("{" + hanging.get(0) + "}", () -> {
                        await().atMost(PATIENCE)
                                .until(() -> !worker.health()
                                        .queues()
                                        .get(hanging.get(0))
                                        .isEmpty());
                        // For several leases of the others: their heartbeats go on, and nobody takes back what they
                        // run.
                        for (int round = 0; round < 20; round++) {
                            for (String queue : others) {
                                RedisBroker there = broker.queue(queue);
                                there.enqueueAll(IntStream.range(0, 100)
                                        .mapToObj(i -> Task.of("t", i))
                                        .toList());
                                await().atMost(PATIENCE)
                                        .until(() -> there.stats().unfinished() == 0);
                                assertThat(worker.health().queues().get(queue)).isEmpty();
                            }
                        }
                    });
                    await().atMost(PATIENCE).until(worker::isReady);
                    for (String queue : hanging) {
                        RedisBroker there = broker.queue(queue);
                        await().atMost(PATIENCE)
                                .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                                .until(() -> there.enqueue("t", 1) != null);
                        await().atMost(PATIENCE).until(() -> there.stats().unfinished() == 0);
                    }
                }
            }
        }
    }

    private static List<String> onNode(TestCluster cluster, int node, int count) {
        return IntStream.range(0, 1_000)
                .mapToObj(i -> "q" + i)
                .filter(queue -> cluster.slot("{" + queue + "}") % 3 == node)
                .limit(count)
                .toList();
    }
}
