package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.FaultyProxy;
import dev.taskqueue.testing.RedisFixture;
import dev.taskqueue.testing.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever comes back instead of a reply, it is an unavailable broker, and the connection is not used again. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class BrokenRepliesTest {

    @RegisterExtension
    final RedisFixture redis;

    private FaultyProxy proxy;
    private RedisBroker broker;
    private BrokerSession session;

    BrokenRepliesTest(RedisServer server) {
        redis = new RedisFixture(server);
    }

    @BeforeEach
    void open() {
        proxy = new FaultyProxy(redis.settings().host(), redis.settings().port(), 1);
        // One connection: the next request would get what the last one left on it.
        broker = RedisBroker.at(
                        RedisSettings.at(proxy.address()).maxConnections(1).build())
                .queue(redis.queue())
                .build();
        session = BrokerEngine.of(broker).session("w1", Duration.ofSeconds(1));
        for (Script each : Script.values()) {
            redis.client().scriptLoad(Bytes.text(each.source()));
        }
    }

    @AfterEach
    void close() {
        broker.close();
        proxy.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // No heap has room for it.
                "$2147483647\r\nx",
                "*2147483647\r\n:1\r\n",
                "*2\r\n:1\r\n$2147483647\r\nx",
                "?\r\n",
                "-MOVED 1\r\n",
                "-MOVED x y:z\r\n",
                "-ASK 1 nowhere\r\n",
                ":1\r\n",
            })
    void and_the_next_request_is_answered(String reply) {
        broker.ping();
        proxy.answer("BLMOVE", reply);
        expectFailure(() -> session.awaitClaim(Duration.ofMillis(10)), reply);
        broker.ping();
        proxy.answer(Bytes.text(Script.CLAIM.sha()), reply);
        expectFailure(() -> session.claim(1), reply);
        assertThat(session.claim(1).claims()).isEmpty();
        proxy.answer("MGET", reply);
        expectFailure(() -> broker.status("x"), reply);
        assertThat(broker.status("x")).isEmpty();
        proxy.answer("ZRANGE", reply);
        expectFailure(broker::stats, reply);
        assertThat(broker.stats().unfinished()).isZero();
        proxy.answer("EXISTS", reply);
        if (reply.equals(":1\r\n")) {
            // That is a reply to this one.
            broker.ping();
        } else {
            expectFailure(broker::ping, reply);
        }
        broker.ping();
    }

    private void expectFailure(org.assertj.core.api.ThrowableAssert.ThrowingCallable request, String reply) {
        assertThatThrownBy(request)
                .as(reply)
                .isInstanceOfSatisfying(
                        BrokerUnavailableException.class,
                        e -> assertThat(e.getCause()).isNotNull());
        assertThat(proxy.hasFired()).isTrue();
    }
}
