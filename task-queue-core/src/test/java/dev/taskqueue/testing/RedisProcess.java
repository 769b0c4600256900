package dev.taskqueue.testing;

import dev.taskqueue.broker.RedisSettings;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A {@code redis-server} of our own on a free port, with its data in a folder of its own; {@link RedisServer} tells which
 * program. May be killed and started again on the same port and data.
 */
public final class RedisProcess implements AutoCloseable {

    private final Path executable;
    private final Path folder;
    private final int port;
    private final Map<String, String> environment;
    private final List<String> options;
    private final String[] file;
    private Process process;

    private RedisProcess(
            Path executable,
            Path folder,
            int port,
            Map<String, String> environment,
            List<String> options,
            String... file) {
        this.file = file;
        this.environment = environment;
        this.executable = executable;
        this.folder = folder;
        this.port = port;
        this.options = options;
    }

    /** Starts the usual one, with an append-only file synced at every write; options as on redis-server's command line. */
    public static RedisProcess start(String... options) {
        return start(RedisServer.usual(), Map.of(), options);
    }

    /** Like {@link #start(String...)}, of a program. */
    public static RedisProcess start(RedisServer server, String... options) {
        return start(server, Map.of(), options);
    }

    /** Starts one as {@link #start(String...)} does, with these variables in its environment, also when restarted. */
    public static RedisProcess start(Map<String, String> environment, String... options) {
        return start(RedisServer.usual(), environment, options);
    }

    private static RedisProcess start(RedisServer server, Map<String, String> environment, String... options) {
        try {
            Path folder = Files.createTempDirectory("task-queue-redis");
            List<String> all = new ArrayList<>(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always"));
            all.addAll(List.of(options));
            RedisProcess redis = new RedisProcess(server.executable(), folder, freePort(), environment, all);
            redis.restart();
            return redis;
        } catch (IOException e) {
            throw new UncheckedIOException("redis-server cannot be started", e);
        }
    }

    /** Starts a Sentinel that watches a master under the name {@code main}, and waits until it knows its replica. */
    public static RedisProcess startSentinel(RedisProcess master) {
        RedisProcess sentinel = startSentinelOf(master);
        Awaitility.await("the Sentinel to know the replica")
                .atMost(60, TimeUnit.SECONDS)
                .until(() -> text(sentinel.command("INFO", "sentinel")).contains("slaves=1"));
        return sentinel;
    }

    /** Starts a Sentinel that watches a master, which may have no replica, under the name {@code main}. */
    public static RedisProcess startSentinelOf(RedisProcess master) {
        try {
            Path folder = Files.createTempDirectory("task-queue-sentinel");
            Files.writeString(
                    folder.resolve("sentinel.conf"),
                    "sentinel monitor main 127.0.0.1 " + master.port + " 1\n"
                            + "sentinel down-after-milliseconds main 1000\n"
                            + "sentinel failover-timeout main 5000\n");
            RedisProcess sentinel = new RedisProcess(
                    master.executable, folder, freePort(), Map.of(), List.of("--sentinel"), "sentinel.conf");
            sentinel.restart();
            return sentinel;
        } catch (IOException e) {
            throw new UncheckedIOException("a Sentinel cannot be started", e);
        }
    }

    /** Starts it (again), and waits until it answers. */
    public void restart() {
        List<String> command = new ArrayList<>();
        command.add(executable.toString());
        for (String name : file) {
            command.add(folder.resolve(name).toString());
        }
        command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", folder.toString()));
        command.addAll(options);
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("redis.log").toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("redis-server cannot be started", e);
        }
        // A run that is cut off must leave no server behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Awaitility.await()
                .atMost(30, TimeUnit.SECONDS)
                .ignoreExceptionsInstanceOf(JedisException.class)
                .until(() -> {
                    try (Jedis jedis = new Jedis("127.0.0.1", port)) {
                        return jedis.ping() != null;
                    }
                });
    }

    /** Runs a command, and returns what the protocol returns. */
    public Object command(String... words) {
        try (Jedis jedis = new Jedis("127.0.0.1", port)) {
            return jedis.sendCommand(
                    () -> words[0].getBytes(StandardCharsets.UTF_8), Arrays.copyOfRange(words, 1, words.length));
        }
    }

    /** A reply of {@link #command} as text. */
    public static String text(Object reply) {
        return new String((byte[]) reply, StandardCharsets.UTF_8).strip();
    }

    /** Ends it with SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public long pid() {
        return process.pid();
    }

    public RedisSettings settings() {
        return RedisSettings.of("127.0.0.1:" + port);
    }

    public Path executable() {
        return executable;
    }

    public Path folder() {
        return folder;
    }

    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A free port below those that systems give to connections, and so is the one of the cluster bus, 10,000 above: no
     * client's end takes it while its server is down. By chance, so that runs beside one another do not meet.
     */
    public static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 22_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                    ServerSocket bus = new ServerSocket(port + 10_000, 1, InetAddress.getLoopbackAddress())) {
                return Math.min(socket.getLocalPort(), bus.getLocalPort());
            } catch (BindException e) {
                // Taken; another one.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
