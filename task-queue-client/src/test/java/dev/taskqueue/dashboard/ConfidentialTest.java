package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.taskqueue.Cron;
import dev.taskqueue.RawJson;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What must not be seen, and what must be written down. */
class ConfidentialTest {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/card | {\"card\":1,\"a\":1.10} | {\"card\":\"[redacted]\",\"a\":1.10}",
                "/card | {\"card\":1,\"card\":{\"x\":[2]}} | {\"card\":\"[redacted]\",\"card\":\"[redacted]\"}",
                "/card | {\"c\\u0061rd\":1,\"b\":1e999999999} | {\"card\":\"[redacted]\",\"b\":1e999999999}",
                "/user/pass~1word | {\"user\":{\"pass/word\":\"x\",\"n\":null}} | {\"user\":{\"pass/word\":\"[redacted]\",\"n\":null}}",
                "/0/card | [{\"card\":1},{\"card\":2}] | [{\"card\":\"[redacted]\"},{\"card\":2}]",
                "/*/card | [{\"card\":1},{\"card\":2}] | [{\"card\":\"[redacted]\"},{\"card\":\"[redacted]\"}]",
                "/card | \"card\" | \"card\"",
                "/card | {\"a\":{\"card\":1}} | {\"a\":{\"card\":1}}"
            })
    void values_are_taken_out_and_all_else_stays(String pointer, String payload, String shown) {
        assertThat(new Redaction(List.of(pointer)).payload(RawJson.parse(payload)))
                .hasToString(shown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"card", "", "/", "/a~2"})
    void what_is_no_pointer_is_refused(String pointer) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Redaction(List.of(pointer)));
    }

    @Test
    void no_answer_shows_what_is_redacted() {
        try (RedisBroker broker = redis.broker();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker).redact(List.of("/card")))) {
            String id = broker.enqueue("t", Map.of("card", "4111-secret")).id();
            broker.crons().put(Cron.of("nightly", "@daily", "t", Map.of("card", "4111-secret")));
            redis.client()
                    .lpush(
                            redis.key("dead"),
                            "{\"id\":\"d\",\"type\":\"t\",\"payload\":{\"card\":\"4111-secret\"},\"reason\":\"x\"}",
                            "{\"id\":\"e\",\"payload\":{\"card\":\"4111-secret\"},\"reason\":\"x\"}",
                            "[\"4111-secret\"]");
            for (String path : List.of(
                    "/api/dead",
                    "/api/dead/d",
                    "/api/dead/groups",
                    "/api/live",
                    "/api/recent",
                    "/api/crons",
                    "/api/crons/nightly",
                    "/api/tasks",
                    "/api/tasks/" + id,
                    "/api/tasks/" + id + "/entry",
                    "/api/tasks/d/entry",
                    "/api/tasks/" + id + "/why")) {
                TestDashboard.Answer answer = server.get(path);
                assertThat(answer.status()).as(path).isEqualTo(200);
                assertThat(answer.response().body()).as(path).doesNotContain("4111-secret");
            }
            assertThat(server.get("/api/dead").response().body()).contains("[redacted]");
            assertThat(redis.client().lrange(redis.queue(), 0, -1))
                    .singleElement()
                    .asString()
                    .contains("4111-secret");
        }
    }

    /** A handler says in its error what it will: only where it quotes a payload is that a matter of its own. */
    @Test
    void of_an_error_a_group_tells_no_more_than_how_it_begins() {
        try (RedisBroker broker = redis.broker();
                TestDashboard server = TestDashboard.serve(Dashboard.of(broker).redact(List.of("/card")))) {
            redis.client()
                    .lpush(
                            redis.key("dead"),
                            "{\"id\":\"d\",\"type\":\"t\",\"last_error\":\"dev.app.CardException: 4111-secret\",\"reason\":\"card 4111\"}");
            assertThat(server.get("/api/dead/groups").response().body())
                    .contains("dev.app.CardException", "\"card\"")
                    .doesNotContain("4111");
            assertThat(server.get("/api/dead/d").response().body())
                    .as("errors are shown as they are")
                    .contains("4111-secret");
        }
    }

    @Test
    void each_action_is_written_down_with_who_what_and_the_result_but_no_payload() {
        Logger logger = (Logger) LoggerFactory.getLogger("dev.taskqueue.audit");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(lines);
        try (RedisBroker broker = redis.broker();
                TestDashboard server = TestDashboard.serve(TestDashboard.withTokens(Dashboard.of(broker)))) {
            server.get("/api/queues", TestDashboard.token(TestDashboard.VIEWER));
            server.post(
                    "/api/tasks",
                    "{\"type\":\"t\",\"id\":\"my\\\"id\",\"payload\":\"4111-secret\"}",
                    TestDashboard.token(TestDashboard.OPERATOR));
            server.post("/api/dead/delete", "{\"all\":true}", TestDashboard.token(TestDashboard.OPERATOR));
            server.post("/api/tasks/a%22b/cancel", "{\"reason\":\"why\"}", TestDashboard.token(TestDashboard.ADMIN));
            assertThat(lines.list.stream().map(line -> line.getKeyValuePairs().toString()))
                    .hasSize(3)
                    .allSatisfy(line ->
                            assertThat(line).contains("remote=\"127.0.0.1\"").doesNotContain("4111-secret"))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .contains(
                                            "role=\"operator\"",
                                            "POST /api/tasks",
                                            "id=my'id type=t",
                                            "status=\"201\""),
                            line -> assertThat(line).contains("POST /api/dead/delete", "status=\"403\""),
                            line -> assertThat(line)
                                    .contains(
                                            "role=\"admin\"", "id=a'b", "reason=why found=unknown", "status=\"200\""));
        } finally {
            logger.detachAppender(lines);
            logger.setLevel(null);
        }
    }
}
