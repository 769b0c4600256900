package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.FaultyProxy;
import dev.taskqueue.testing.RedisProcess;
import dev.taskqueue.testing.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A name or a virtual address is given to the new master, while the connections to the old one live on. */
@ParameterizedClass
@MethodSource(RedisServer.ALL)
class NamedFailoverTest {

    private final RedisServer server;

    NamedFailoverTest(RedisServer server) {
        this.server = server;
    }

    @Test
    void every_call_follows_it() {
        for (Consumer<RedisBroker> call : List.<Consumer<RedisBroker>>of(
                broker -> broker.enqueue("t", 1),
                broker -> broker.enqueue(Task.of("t", 1).withIdempotencyKey("k")),
                broker -> BrokerEngine.of(broker)
                        .session("w1", Duration.ofSeconds(1))
                        .beat())) {
            try (RedisProcess old = RedisProcess.start(server);
                    RedisProcess successor = RedisProcess.start(server);
                    FaultyProxy name =
                            new FaultyProxy("127.0.0.1", old.settings().port(), 1);
                    RedisBroker broker = RedisBroker.at(name.address())) {
                call.accept(broker);
                old.command(
                        "REPLICAOF",
                        "127.0.0.1",
                        Integer.toString(successor.settings().port()));
                name.pointTo("127.0.0.1", successor.settings().port());
                assertThatThrownBy(() -> call.accept(broker))
                        .isInstanceOf(BrokerUnavailableException.class)
                        .hasMessageContaining("READONLY");
                call.accept(broker);
            }
        }
    }

    @Test
    void a_master_that_became_a_replica_without_data_is_left_too() {
        try (RedisProcess old = RedisProcess.start(server, "--replica-serve-stale-data", "no");
                RedisProcess successor = RedisProcess.start(server);
                FaultyProxy name = new FaultyProxy("127.0.0.1", old.settings().port(), 1);
                RedisBroker broker = RedisBroker.at(name.address())) {
            String id = broker.enqueue("t", 1).id();
            old.command("REPLICAOF", "127.0.0.1", "1");
            name.pointTo("127.0.0.1", successor.settings().port());
            assertThatThrownBy(() -> broker.status(id)).hasMessageContaining("MASTERDOWN");
            assertThat(broker.status(id)).isEmpty();
        }
    }
}
