package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code client.jar cancel} as its users run it. */
class CancelIT {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private ClientJar.Run run(String... args) {
        return ClientJar.run(ClientJar.environment(redis), args);
    }

    @Test
    void cancels_what_waits_and_says_what_it_found_of_each() throws Exception {
        try (RedisBroker broker = redis.broker()) {
            broker.enqueue(Task.of("t", 1).withId("one"));
            broker.enqueue(Task.of("t", 1).withId("two").in(Duration.ofHours(1)));
            redis.client().lpush(redis.key("dead"), "{\"id\":\"three\",\"type\":\"t\"}");
            ClientJar.Run removed = run("cancel", "one", "two", "three", "--reason", "sent twice");
            assertThat(removed.output().lines()).containsExactly("one removed", "two removed", "three removed");
            assertThat(removed.exitCode()).isZero();
            assertThat(broker.stats().unfinished() + broker.stats().dead()).isZero();
        }
        assertThat(run("status", "one").output()).contains("cancelled").contains("sent twice");
        assertThat(new ObjectMapper()
                        .readTree(run("status", "two", "--json").output())
                        .get("cancel_reason")
                        .textValue())
                .isEqualTo("sent twice");
        ClientJar.Run again = run("cancel", "one", "nobody", "--json");
        assertThat(again.output())
                .isEqualTo("[{\"id\":\"one\",\"cancellation\":\"already_ended\"},"
                        + "{\"id\":\"nobody\",\"cancellation\":\"unknown\"}]");
        assertThat(again.exitCode()).isOne();
    }

    @Test
    void wrong_use_has_exit_code_2_and_a_sentence() {
        assertThat(run("cancel").exitCode()).isEqualTo(2);
        ClientJar.Run tooLong = run("cancel", "id", "--reason", "x".repeat(1_001));
        assertThat(tooLong.exitCode()).isEqualTo(2);
        assertThat(tooLong.errors()).startsWith("client: reason is 1001 characters long");
        ClientJar.Run elsewhere = run("cancel", "", "x".repeat(60_000), "--queue", redis.queue());
        assertThat(elsewhere.exitCode()).isOne();
        assertThat(elsewhere.output().lines()).hasSize(2).allMatch(line -> line.endsWith("unknown"));
    }
}
