package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.broker.TlsSettings;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.RedisServer;
import dev.taskqueue.testing.TestCertificates;
import dev.taskqueue.testing.TestCluster;
import dev.taskqueue.worker.QuickWorkers;
import dev.taskqueue.worker.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same promises behind TLS, behind Sentinels, and in a cluster. */
class TopologyTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

    private Worker worker(RedisBroker broker) {
        return QuickWorkers.of(broker)
                .concurrency(4)
                .lease(Duration.ofSeconds(2))
                .retryPolicy((task, failure) -> Duration.ofMillis(10))
                .handler("t", task -> {
                    int run = runs.computeIfAbsent(task.id(), id -> new AtomicInteger())
                            .incrementAndGet();
                    if (task.payload().intValue() % 5 == 0 && task.attempt() == 1) {
                        throw new IllegalStateException("first of " + run);
                    }
                    return null;
                })
                .start();
    }

    private static List<Task> tasks(int count) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Task task = Task.of("t", i).withPriority(Priority.values()[i % 3]);
            tasks.add(i % 2 == 0 ? task.withIdempotencyKey("k" + i) : task);
        }
        return tasks;
    }

    private void assertAllRun(RedisBroker broker, List<Task> tasks) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                .until(() -> broker.stats().unfinished() == 0);
        assertThat(runs).containsKeys(tasks.stream().map(Task::id).toArray(String[]::new));
    }

    @Test
    void speaks_tls_with_a_ca_file_and_with_a_certificate_of_its_own() throws Exception {
        TestCertificates certificates = TestCertificates.make(folder);
        int port = RedisProcess.freePort();
        try (RedisProcess redis = RedisProcess.start(
                "--tls-port", Integer.toString(port),
                "--tls-cert-file", certificates.serverCertificate().toString(),
                "--tls-key-file", certificates.serverKey().toString(),
                "--tls-ca-cert-file", certificates.ca().toString())) {
            RedisSettings.Builder address = RedisSettings.at("localhost:" + port);
            TlsSettings mutual = TlsSettings.defaults()
                    .withCa(certificates.ca())
                    .withCertificate(certificates.clientCertificate(), certificates.clientKey());
            TlsSettings anonymous = TlsSettings.defaults().withCa(certificates.ca());
            TlsSettings trusting = TlsSettings.defaults();
            try (RedisBroker broker =
                            RedisBroker.at(address.tls(mutual).build()).build();
                    Worker worker = worker(broker)) {
                List<Task> tasks = tasks(50);
                broker.enqueueAll(tasks);
                assertAllRun(broker, tasks);
                assertThat(worker.isReady()).isTrue();
            }
            try (RedisBroker refused =
                    RedisBroker.at(address.tls(anonymous).build()).build()) {
                assertThatThrownBy(refused::ping).isInstanceOf(BrokerUnavailableException.class);
                redis.command("CONFIG", "SET", "tls-auth-clients", "no");
                refused.ping();
            }
            try (RedisBroker strange =
                    RedisBroker.at(address.tls(trusting).build()).build()) {
                assertThatThrownBy(strange::ping)
                        .isInstanceOf(BrokerUnavailableException.class)
                        .hasMessageContaining("unable to find valid certification path");
            }
            try (RedisBroker misnamed = RedisBroker.at(
                            RedisSettings.at("127.0.0.1:" + port).tls(anonymous).build())
                    .build()) {
                assertThatThrownBy(misnamed::ping).isInstanceOf(BrokerUnavailableException.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(RedisServer.ALL)
    void follows_a_sentinel_failover(RedisServer server) {
        try (RedisProcess master = RedisProcess.start(server);
                RedisProcess replica = RedisProcess.start(
                        server,
                        "--replicaof",
                        "127.0.0.1",
                        Integer.toString(master.settings().port()));
                RedisProcess sentinel = RedisProcess.startSentinel(master)) {
            RedisSettings settings = RedisSettings.at(sentinel.settings().address())
                    .sentinelMaster("main")
                    .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1))
                    .build();
            try (RedisBroker broker = RedisBroker.at(settings).build()) {
                List<Task> tasks = tasks(3_000);
                broker.enqueueAll(tasks);
                // What the replica does not have yet, a failover loses: the test's claim is about what it has.
                await().atMost(PATIENCE)
                        .until(() -> master.command("WAIT", "1", "1000").equals(1L));
                try (Worker worker = worker(broker)) {
                    await().atMost(PATIENCE).until(() -> runs.size() > 200);
                    master.kill();
                    assertAllRun(broker, tasks);
                    await().atMost(PATIENCE).until(worker::isReady);
                    assertThat(RedisProcess.text(replica.command("INFO", "replication")))
                            .contains("role:master");
                }
            }
        }
    }

    @Test
    void works_in_a_cluster_while_its_slot_moves() {
        try (TestCluster cluster = TestCluster.start()) {
            RedisSettings settings =
                    RedisSettings.at(cluster.addresses()).cluster().build();
            try (RedisBroker broker = RedisBroker.at(settings).build();
                    Worker worker = worker(broker)) {
                assertThat(broker.check()).isEmpty();
                List<Task> tasks = tasks(1_000);
                broker.enqueueAll(tasks.subList(0, 500));
                await().atMost(PATIENCE).until(() -> runs.size() > 50);
                cluster.moveSlot("{gopher_tasks}");
                // With every key of the queue at its new place, nothing is refused any more.
                await().atMost(PATIENCE)
                        .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                        .until(() -> {
                            broker.enqueueAll(tasks.subList(500, 1_000));
                            return true;
                        });
                assertAllRun(broker, tasks);
                assertThat(runs.values()).allMatch(count -> count.get() <= 2);
                assertThat(tasks)
                        .extracting(
                                task -> broker.status(task.id()).orElseThrow().state())
                        .containsOnly(TaskState.SUCCEEDED);
                assertThat(BrokerEngine.of(broker)
                                .session("other", Duration.ofSeconds(1))
                                .registerOrphans())
                        .isEmpty();
                // A role that was refused while the slot moved says so until its next turn.
                await().atMost(PATIENCE).until(worker::isReady);
            }
        }
    }

    @Test
    void tells_what_it_knows_after_a_slot_of_the_cluster_has_moved() {
        try (TestCluster cluster = TestCluster.start()) {
            RedisSettings settings =
                    RedisSettings.at(cluster.addresses()).cluster().build();
            try (RedisBroker status = RedisBroker.at(settings).build();
                    RedisBroker stats = RedisBroker.at(settings).build()) {
                String id = status.enqueue("t", 1).id();
                assertThat(stats.stats().normal()).isEqualTo(1);
                cluster.moveSlot("{gopher_tasks}");
                assertThat(status.status(id).orElseThrow().state()).isEqualTo(TaskState.PENDING);
                assertThat(stats.stats().normal()).isEqualTo(1);
            }
        }
    }

    @Test
    void waits_for_the_replicas_of_the_node_that_has_the_slot_wherever_it_is() {
        try (TestCluster cluster = TestCluster.start()) {
            RedisSettings settings =
                    RedisSettings.at(cluster.addresses()).cluster().build();
            cluster.addReplica("{gopher_tasks}");
            try (RedisBroker one = RedisBroker.at(settings)
                            .waitForReplicas(1, Duration.ofSeconds(30))
                            .build();
                    RedisBroker two = RedisBroker.at(settings)
                            .waitForReplicas(2, Duration.ofMillis(100))
                            .build();
                    RedisBroker untracked = RedisBroker.at(settings)
                            .taskStatusTtl(Duration.ZERO)
                            .waitForReplicas(2, Duration.ofMillis(100))
                            .build()) {
                one.enqueue("t", 1);
                assertThatThrownBy(() -> two.enqueue("t", 1)).hasMessageContaining("1 of 2 replicas");
                assertThatThrownBy(() -> untracked.enqueue("t", 1)).hasMessageContaining("1 of 2 replicas");
                // The next node has no replica.
                cluster.moveSlot("{gopher_tasks}");
                assertThatThrownBy(() -> two.enqueue("t", 1)).hasMessageContaining("0 of 2 replicas");
                assertThatThrownBy(() -> untracked.enqueue("t", 1)).hasMessageContaining("0 of 2 replicas");
                assertThat(two.stats().normal()).isEqualTo(5);
            }
        }
    }

    @Test
    void a_node_of_the_cluster_that_hangs_is_an_unavailable_broker() {
        try (TestCluster cluster = TestCluster.start()) {
            RedisSettings settings = RedisSettings.at(cluster.addresses())
                    .cluster()
                    .timeouts(Duration.ofMillis(500), Duration.ofMillis(500))
                    .build();
            try (RedisBroker broker = RedisBroker.at(settings).build()) {
                String id = broker.enqueue("t", 1).id();
                BrokerSession session = BrokerEngine.of(broker).session("w1", Duration.ofSeconds(1));
                cluster.whileHanging("{gopher_tasks}", () -> {
                    for (ThrowingCallable request : List.<ThrowingCallable>of(
                            () -> broker.status(id),
                            broker::stats,
                            () -> session.claim(1),
                            () -> session.awaitClaim(Duration.ofMillis(10)),
                            session::registerOrphans,
                            () -> session.beat())) {
                        assertThatThrownBy(request).isInstanceOf(BrokerUnavailableException.class);
                    }
                });
                await().atMost(PATIENCE)
                        .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                        .until(() -> broker.status(id).isPresent());
            }
        }
    }
}
