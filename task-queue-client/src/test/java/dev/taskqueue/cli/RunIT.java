package dev.taskqueue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code client.jar run} as its users run it. */
class RunIT {

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private ClientJar.Run run(String... args) {
        return ClientJar.run(ClientJar.environment(redis), ClientJar.after(args, "run"));
    }

    @Test
    void makes_ready_what_is_scheduled_and_says_what_it_found_of_each() {
        try (RedisBroker broker = redis.broker()) {
            broker.enqueue(Task.of("t", 1).withId("one").in(Duration.ofHours(1)));
            broker.enqueue(Task.of("t", 1).withId("two").in(Duration.ofHours(1)));
            broker.enqueue(Task.of("t", 1).withId("three").in(Duration.ofHours(1)));
            ClientJar.Run both = run("one", "two");
            assertThat(both.output().lines()).containsExactly("one ready", "two ready");
            assertThat(both.exitCode()).isZero();
            assertThat(broker.stats().ready()).isEqualTo(2);
            ClientJar.Run mixed = run("one", "nobody", "three");
            assertThat(mixed.output().lines()).containsExactly("one not_scheduled", "nobody unknown", "three ready");
            assertThat(mixed.exitCode()).isOne();
        }
        ClientJar.Run json = run("one", "nobody", "--json");
        assertThat(json.output())
                .isEqualTo("[{\"id\":\"one\",\"ready\":false,\"queue\":\"" + redis.queue()
                        + "\"},{\"id\":\"nobody\",\"ready\":false}]");
        assertThat(json.exitCode()).isOne();
    }

    @Test
    void wrong_use_has_exit_code_2() {
        assertThat(run().exitCode()).isEqualTo(2);
        assertThat(run("").exitCode()).isOne();
    }
}
