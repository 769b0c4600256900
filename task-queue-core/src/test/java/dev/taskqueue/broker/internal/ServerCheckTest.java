package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.BrokerRejectedException;
import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of a server, and what is not said while it is not known. */
class ServerCheckTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void says_nothing_of_the_append_only_file_while_redis_reads_it() {
        // Slow to load, and ready to answer meanwhile.
        try (RedisProcess redis = RedisProcess.start(
                        "--key-load-delay", "200", "--loading-process-events-interval-bytes", "1024");
                RedisBroker broker = RedisBroker.at(redis.settings()).build()) {
            // It answers once in a thousand commands that it reads.
            redis.command("EVAL", "for i = 1, 20000 do redis.call('SET', 'filler' .. i, 'x') end", "0");
            assertThat(broker.check()).isEmpty();
            redis.kill();
            CompletableFuture<Void> restarted = CompletableFuture.runAsync(redis::restart);
            List<String> said = new ArrayList<>();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
                try {
                    assertThat(broker.check()).isEmpty();
                    return true;
                } catch (BrokerUnavailableException e) {
                    said.add(e.getMessage());
                    return false;
                }
            });
            restarted.join();
            assertThat(said).anyMatch(message -> message.endsWith("is loading its data"));
        }
    }

    /** Redis takes any from its default user while that has none: a setting that was left behind does no harm. */
    @ParameterizedTest
    @MethodSource(RedisServer.ALL)
    void a_password_that_redis_does_not_ask_for_is_no_mistake(RedisServer server) {
        try (RedisProcess redis = RedisProcess.start(server);
                RedisBroker broker = RedisBroker.at(redis.settings().toBuilder()
                                .password("left behind")
                                .build())
                        .build()) {
            assertThat(broker.enqueue("t", 1).accepted()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource(RedisServer.ALL)
    void says_which_setting_or_right_is_missing(RedisServer server) {
        try (RedisProcess redis = RedisProcess.start(server)) {
            redis.command("ACL", "SETUSER", "poor", "on", ">pw", "~*", "+select", "+exists", "+client|setname");
            RedisSettings poor =
                    redis.settings().toBuilder().user("poor").password("pw").build();
            try (RedisBroker broker = RedisBroker.at(poor).build()) {
                assertThatThrownBy(() -> broker.enqueue("t", 1))
                        .isInstanceOf(BrokerRejectedException.class)
                        .hasMessageContaining("NOPERM")
                        .hasMessageContaining("multi")
                        .hasMessageContaining("deploy/redis-user.acl");
            }
            redis.command("ACL", "SETUSER", "poor", "-select", "+info");
            try (RedisBroker broker =
                    RedisBroker.at(poor.toBuilder().database(1).build()).build()) {
                assertThatThrownBy(broker::check)
                        .isInstanceOf(BrokerRejectedException.class)
                        .hasMessageContaining("select")
                        .hasMessageContaining("deploy/redis-user.acl");
            }
            redis.command("CONFIG", "SET", "requirepass", "hunter2");
            try (RedisBroker broker = RedisBroker.at(redis.settings()).build()) {
                assertThatThrownBy(broker::stats).hasMessageContaining("set REDIS_PASSWORD");
                assertThatThrownBy(broker::check)
                        .isInstanceOf(BrokerRejectedException.class)
                        .hasMessageEndingWith("asks for a password; set REDIS_PASSWORD");
            }
            RedisSettings wrong = redis.settings().toBuilder().password("wr0ng").build();
            try (RedisBroker broker = RedisBroker.at(wrong).build()) {
                assertThatThrownBy(broker::stats)
                        .hasMessageContaining("check REDIS_USERNAME and REDIS_PASSWORD")
                        .hasMessageNotContaining("wr0ng");
            }
        }
    }
}
