package dev.taskqueue.cli.bench;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import dev.taskqueue.cli.Connection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redis.clients.jedis.Jedis;

/** {@code client bench cold-process}, which {@link ColdCommand} starts: one side of one case, a figure a line. */
@Command(name = "cold-process", hidden = true, mixinStandardHelpOptions = true)
final class ColdProcessCommand implements Callable<Integer> {

    private static final int THREADS = 10;

    @Mixin
    private Connection connection;

    @Parameters(index = "0", description = "enqueue or drain.")
    private String what;

    /** Known without a broker, whose classes would be loaded by then. */
    @Parameters(index = "1", description = "The same as --queue.")
    private String queue;

    @Option(names = "--number", description = "Calls, or tasks.")
    private int number;

    @Mixin
    private TrackingOption tracking;

    @Option(names = "--floor", description = "Bare commands.")
    private boolean floor;

    @Override
    public Integer call() throws InterruptedException {
        RedisSettings settings =
                connection.settings().toBuilder().maxConnections(THREADS + 16).build();
        if (what.equals("enqueue")) {
            enqueue(settings);
        } else {
            print(number / (drain(settings) / 1e9));
        }
        print(ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toMillis)
                .orElse(0L));
        return 0;
    }

    private void enqueue(RedisSettings settings) {
        long start = System.nanoTime();
        if (floor) {
            try (BareRedis bare = new BareRedis(settings, queue);
                    Jedis jedis = bare.connect()) {
                byte[] list = queue.getBytes(StandardCharsets.UTF_8);
                byte[] text = "x".repeat(150).getBytes(StandardCharsets.UTF_8);
                time(start, () -> jedis.lpush(list, text));
            }
        } else {
            try (RedisBroker broker = broker(settings)) {
                String payload = "x".repeat(20);
                time(start, () -> broker.enqueue(Task.of("bench", payload)));
            }
        }
    }

    /** The first of the two counts from when nothing was connected yet. */
    private void time(long start, Runnable call) {
        long from = start;
        for (int block = 0; block < 2; block++) {
            for (int i = 0; i < number; i++) {
                call.run();
            }
            long end = System.nanoTime();
            print(number / ((end - from) / 1e9));
            from = end;
        }
    }

    /** How many ns it took. */
    private long drain(RedisSettings settings) throws InterruptedException {
        if (floor) {
            try (BareRedis bare = new BareRedis(settings, queue)) {
                long start = System.nanoTime();
                bare.drain(THREADS);
                // Each thread waits a tenth of a second in vain at the end.
                return System.nanoTime() - start - 100_000_000;
            }
        }
        long start = System.nanoTime();
        try (RedisBroker broker = broker(settings)) {
            // From nothing on, with the time to make the broker and the worker.
            return new Ours(broker).drain(THREADS, number).settled() - start;
        }
    }

    private RedisBroker broker(RedisSettings settings) {
        return tracking.applyTo(connection.broker(settings, BenchCommand.QUEUE)).build();
    }

    private void print(double figure) {
        connection.out().println(figure);
        connection.out().flush();
    }
}
