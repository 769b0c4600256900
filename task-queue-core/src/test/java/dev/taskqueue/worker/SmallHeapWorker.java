package dev.taskqueue.worker;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.io.IOException;
import java.time.Duration;

/** The main of a JVM with a small heap: a worker that runs until its standard input ends. */
final class SmallHeapWorker {

    private SmallHeapWorker() {}

    public static void main(String[] args) throws IOException {
        try (RedisBroker broker =
                        RedisBroker.at(RedisSettings.of(args[0])).queue(args[1]).build();
                Worker worker = Worker.of(broker)
                        .concurrency(8)
                        .lease(Duration.ofSeconds(2))
                        .handler("t", task -> null)
                        .start()) {
            int end = System.in.read();
            System.out.println(worker.name() + " ends: " + end);
        }
    }
}
