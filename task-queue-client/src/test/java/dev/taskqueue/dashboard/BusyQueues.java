package dev.taskqueue.dashboard;

import static org.awaitility.Awaitility.await;

import dev.taskqueue.Cron;
import dev.taskqueue.PermanentFailureException;
import dev.taskqueue.Priority;
import dev.taskqueue.Task;
import dev.taskqueue.TaskState;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.TestRedis;
import dev.taskqueue.worker.RetryPolicy;
import dev.taskqueue.worker.Worker;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.RedisClient;

/** Two queues with real tasks of every state, a worker that is at it and one that fell silent, and a dashboard of them. */
final class BusyQueues implements AutoCloseable {

    /** A long one, as some producers make them. */
    static final String LONG_ID =
            "order-2026-11-26T02:16:27.123456Z-customer-4711-region-eu-central-1-0123456789abcdef";

    private static final int THREADS = 4;

    private final String name = "shop-" + UUID.randomUUID().toString().substring(0, 8);
    private final RedisClient redis;
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final RedisBroker broker;
    private final Worker worker;
    private final TestDashboard dashboard;

    final String succeeded;
    final String retrying;
    final String scheduled;
    final String parked;
    final String cancelled;
    final String expired;
    final String duplicate;
    final String dead;
    final String running;
    final String pending;

    BusyQueues() {
        redis = RedisClient.create(TestRedis.shared().host(), TestRedis.shared().port());
        broker = RedisBroker.at(TestRedis.shared())
                .queue(name)
                .route("report:*", reports())
                .build();
        worker = Worker.of(broker)
                .concurrency(THREADS)
                .retryPolicy(RetryPolicy.exponential(Duration.ofMinutes(30), Duration.ofHours(1)))
                .handler("email:send", task -> Map.of("message_id", "<" + task.id() + "@mail>", "took_ms", 12))
                .handler("invoice:create", task -> {
                    throw new SocketTimeoutException("no answer from billing.internal within 5 s");
                })
                .handler("image:resize", task -> {
                    throw new PermanentFailureException("image/webp is not supported");
                })
                .handler("stock:sync", task -> {
                    throw new UncheckedIOException("warehouse 7", new ConnectException("Connection refused"));
                })
                .handler("video:encode", task -> {
                    hanging.await();
                    return null;
                })
                .start();
        for (int i = 0; i < 40; i++) {
            ended(Task.of("email:send", Map.of("to", "ada" + i + "@example.com")), TaskState.SUCCEEDED);
        }
        succeeded = ended(
                Task.of("email:send", Map.of("to", "ada@example.com", "lines", List.of(1, 2, Map.of("a", true)))),
                TaskState.SUCCEEDED);
        ended(Task.of("email:send", 1).withIdempotencyKey("welcome-4711"), TaskState.SUCCEEDED);
        duplicate = ended(Task.of("email:send", 1).withIdempotencyKey("welcome-4711"), TaskState.DUPLICATE);
        retrying = ended(Task.of("invoice:create", Map.of("order", 4711)), TaskState.RETRYING);
        expired = ended(Task.of("email:send", 1).expiresAt(Instant.now().minusSeconds(1)), TaskState.EXPIRED);
        for (int i = 0; i < 12; i++) {
            ended(Task.of("image:resize", Map.of("image", i)), TaskState.DEAD);
        }
        for (int i = 0; i < 5; i++) {
            ended(Task.of("stock:sync", Map.of("warehouse", 7)).withMaxRetries(0), TaskState.DEAD);
        }
        dead = ended(
                Task.of("stock:sync", Map.of("warehouse", 7)).withId(LONG_ID).withMaxRetries(0), TaskState.DEAD);
        redis.lpush(name, "not a task");
        await().until(() -> redis.llen(name + ":dead") == 19);
        parked = broker.enqueue("invoice:v2", Map.of("order", 4712)).id();
        await().until(() -> broker.stats().parked() == 1);
        scheduled = broker.enqueue(Task.of("email:digest", 1).in(Duration.ofHours(3)))
                .id();
        cancelled = broker.enqueue(Task.of("email:digest", 1).in(Duration.ofHours(3)))
                .id();
        broker.cancel(cancelled, "sent by hand");
        running = enqueue(THREADS, Task.of("video:encode", Map.of("minutes", 90)));
        await().until(() -> broker.stats().processing() == THREADS);
        enqueue(3, Task.of("email:send", 1).withPriority(Priority.HIGH));
        enqueue(2, Task.of("email:send", 1).withPriority(Priority.LOW));
        pending = enqueue(7, Task.of("email:send", Map.of("to", "bob@example.com")));
        schedules();
        reports(broker.queue(reports()));
        dashboard = TestDashboard.serve(Dashboard.of(broker));
    }

    private String ended(Task task, TaskState state) {
        String id = broker.enqueue(task).id();
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> broker.status(id)
                        .filter(status -> status.state() == state)
                        .isPresent());
        return id;
    }

    /** Some alike; the id of the last. */
    private String enqueue(int count, Task task) {
        String id = "";
        for (int i = 0; i < count; i++) {
            id = broker.enqueue(task.withId(Task.newId())).id();
        }
        return id;
    }

    private void schedules() {
        broker.crons().put(Cron.of("nightly", "0 3 * * *", "report:nightly", 1).withZone(ZoneId.of("Europe/Berlin")));
        broker.crons().put(Cron.of("digest", "*/15 9-17 * * MON-FRI", "email:send", 1));
        broker.crons().put(Cron.of("cleanup", "@weekly", "email:cleanup", 1));
        broker.crons().pause("cleanup");
        broker.crons().runNow("digest");
        redis.hset(name + ":cron", "broken", "{\"spec\":\"99 * * * *\"}");
    }

    /** A queue that is paused, and whose only worker fell silent with a task. */
    private void reports(RedisBroker queue) {
        try {
            queue.pause("migration of the reporting database", Duration.ofHours(2));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        for (int i = 0; i < 3; i++) {
            queue.enqueue(Task.of("report:monthly", i));
        }
        redis.lpush(
                reports() + ":processing:worker-7f9c@db1.internal",
                "{\"id\":\"r1\",\"type\":\"report:monthly\",\"payload\":1}");
        long beat = System.currentTimeMillis() - 20_000;
        redis.zadd(reports() + ":workers", beat, "worker-7f9c@db1.internal");
        redis.hset(reports() + ":silence", Map.of(":lease", "30000", "worker-7f9c@db1.internal", beat + " 20000 0"));
    }

    String name() {
        return name;
    }

    String reports() {
        return name + "-reports";
    }

    String worker() {
        return worker.name();
    }

    RedisBroker broker() {
        return broker;
    }

    TestDashboard dashboard() {
        return dashboard;
    }

    /** Where each page is, each with an example of what it shows. */
    Map<String, String> pages() {
        String inQueue = "?queue=" + name;
        return Map.ofEntries(
                Map.entry("#/overview", "Throughput"),
                Map.entry("#/tasks", "email:send"),
                Map.entry("#/tasks?place=running", "video:encode"),
                Map.entry("#/tasks?place=parked", "invoice:v2"),
                Map.entry("#/tasks?place=finished", "expired"),
                Map.entry("#/task/" + pending + inQueue, "Created"),
                Map.entry("#/task/" + retrying + inQueue, "SocketTimeoutException"),
                Map.entry("#/task/" + succeeded + inQueue, "message_id"),
                Map.entry("#/dead", "stock:sync"),
                Map.entry("#/dead?all=true", "image:resize"),
                Map.entry("#/letter/" + dead + inQueue, "warehouse 7"),
                Map.entry("#/scheduled", "email:digest"),
                Map.entry("#/crons", "nightly"),
                Map.entry("#/queues", "migration"),
                Map.entry("#/workers", worker()));
    }

    @Override
    public void close() {
        dashboard.close();
        hanging.countDown();
        worker.close();
        broker.close();
        redis.keys(name + "*").forEach(redis::del);
        redis.close();
    }
}
