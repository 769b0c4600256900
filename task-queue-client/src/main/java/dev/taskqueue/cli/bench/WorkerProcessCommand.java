package dev.taskqueue.cli.bench;

import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.cli.Connection;
import dev.taskqueue.worker.Worker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code client bench worker-process}, which {@link ScaleCommand} starts: workers that run until standard input ends. */
@Command(name = "worker-process", hidden = true, mixinStandardHelpOptions = true)
final class WorkerProcessCommand implements Callable<Integer> {

    static final String READY = "ready";

    @Mixin
    private Connection connection;

    @Option(names = "--workers", description = "How many, each with a broker of its own.")
    private int number = 1;

    @Option(names = "--threads", description = "The threads of each.")
    private int threads = 10;

    @Override
    public Integer call() throws IOException {
        List<RedisBroker> brokers = new ArrayList<>();
        List<Worker> workers = new ArrayList<>();
        try {
            RedisSettings settings = connection.settings().toBuilder()
                    .maxConnections(threads + 8)
                    .build();
            for (int i = 0; i < number; i++) {
                RedisBroker broker =
                        connection.broker(settings, BenchCommand.QUEUE).build();
                brokers.add(broker);
                workers.add(Worker.of(broker)
                        .concurrency(threads)
                        .handler("bench", task -> null)
                        .start());
            }
            for (Worker worker : workers) {
                while (!worker.isReady()) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            connection.out().println(READY);
            connection.out().flush();
            while (System.in.read() >= 0) {
                // Until whoever started it closes it, or ends.
            }
        } finally {
            Worker.closeAll(workers);
            brokers.forEach(RedisBroker::close);
        }
        return 0;
    }
}
