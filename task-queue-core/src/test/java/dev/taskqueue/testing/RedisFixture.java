package dev.taskqueue.testing;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import redis.clients.jedis.RedisClient;

/**
 * A real Redis for tests, and in each test a queue of its own. Where the Redis comes from, {@link TestRedis} says.
 * Use as {@code @RegisterExtension final RedisFixture redis = new RedisFixture();}
 */
public final class RedisFixture implements BeforeEachCallback, AfterEachCallback {

    private final String queue = "test-" + UUID.randomUUID();
    private final Supplier<RedisSettings> server;
    private RedisSettings settings;
    private RedisClient client;
    private final Queue<RedisBroker> brokers = new ConcurrentLinkedQueue<>();

    public RedisFixture() {
        server = TestRedis::shared;
    }

    /** Of a program: for classes with {@code @ParameterizedClass @MethodSource(RedisServer.ALL)}. */
    public RedisFixture(RedisServer server) {
        this.server = () -> TestRedis.shared(server);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        settings = server.get();
        client = RedisClient.create(settings.host(), settings.port());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        brokers.forEach(RedisBroker::close);
        try (RedisClient closing = client) {
            closing.keys(queue + "*").forEach(closing::del);
        }
    }

    public RedisSettings settings() {
        return settings;
    }

    /** A client for looking at Redis' own keys. */
    public RedisClient client() {
        return client;
    }

    public String queue() {
        return queue;
    }

    /** The name of a key of this test's queue. */
    public String key(String suffix) {
        return queue + ":" + suffix;
    }

    /** A builder for a broker of this test's queue. */
    public RedisBroker.Builder brokerBuilder() {
        return RedisBroker.at(settings).queue(queue);
    }

    /** A broker of this test's queue, which is closed at the end of the test, if not before. */
    public RedisBroker broker() {
        RedisBroker broker = brokerBuilder().build();
        brokers.add(broker);
        return broker;
    }

    /** Has a worker's silence been gathered, as if it had been visited for so long. */
    public void letBeSilent(String worker, Duration silence) {
        // Earlier than it was: a test may beat again within the same millisecond.
        String beat = new BigDecimal(client().zincrby(key("workers"), -1, worker)).toPlainString();
        client().hset(key("silence"), worker, beat + " " + silence.toMillis() + " 0");
    }
}
