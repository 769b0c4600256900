package dev.taskqueue.broker.internal;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A broker on a queue of the test's own, and the session of a worker {@code w1} that has beaten once. */
abstract class BrokerFixture {

    static final Duration LEASE = Duration.ofSeconds(1);

    @RegisterExtension
    final RedisFixture redis;

    RedisBroker broker;
    BrokerSession session;

    BrokerFixture() {
        redis = new RedisFixture();
    }

    /** On a program: for classes that run on each. */
    BrokerFixture(RedisServer server) {
        redis = new RedisFixture(server);
    }

    @BeforeEach
    void open() {
        broker = redis.broker();
        session = BrokerEngine.of(broker).session("w1", LEASE);
        session.beat();
    }
}
