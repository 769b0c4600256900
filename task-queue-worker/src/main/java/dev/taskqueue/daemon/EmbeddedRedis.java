package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.BrokerUnavailableException;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.broker.RedisSettings;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis as a child process: the server that the embedded-redis jar carries, on the loopback interface alone, with an
 * append-only file in a folder of its own, so that a restart loses nothing.
 */
final class EmbeddedRedis implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 20;
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final RedisSettings settings;
    private final Path log;
    private final Thread net;
    private Process process;
    private boolean ended;

    private EmbeddedRedis(RedisSettings settings, Path log, StopSignal stop) {
        this.settings = settings;
        this.log = log;
        net = new Thread(
                () -> {
                    stop.awaitOrderlyEnd();
                    end();
                },
                "task-queue-redis-end");
    }

    /**
     * Starts one, and waits until it answers. However this process ends, other than by SIGKILL, it ends that one.
     *
     * @param settings where it shall listen; its host must be this machine's loopback
     * @param folder for its data; made if it is missing
     * @param stop gives up the waiting: then it may not answer yet
     * @throws TaskQueueException if it cannot be started; the message says why
     */
    static EmbeddedRedis start(RedisSettings settings, Path folder, StopSignal stop) {
        requireLoopback(settings.host());
        EmbeddedRedis redis = new EmbeddedRedis(settings, folder.resolve("redis.log"), stop);
        boolean started = false;
        try {
            requireFree(settings.port());
            redis.launch(folder);
            redis.awaitAnswer(stop);
            started = true;
            return redis;
        } catch (IOException e) {
            throw new TaskQueueException(
                    "the embedded Redis cannot be started in " + folder + ": " + e.getMessage(), e);
        } finally {
            if (!started) {
                redis.close();
            }
        }
    }

    private void launch(Path folder) throws IOException {
        Files.createDirectories(folder);
        File executable =
                ExecutableProvider.newJarResourceProvider(folder.toFile()).get();
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            // Ctrl-C reaches a whole process group; Redis must outlive the worker that drains into it.
            command.add(SETSID.toString());
        }
        command.add(executable.getPath());
        // The settings come on its standard input, where no list of processes shows the password.
        command.add("-");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // Before there is anything to end.
        Runtime.getRuntime().addShutdownHook(net);
        try (OutputStream in = begin(builder).getOutputStream()) {
            in.write(configuration(settings, folder).getBytes(UTF_8));
        }
    }

    private synchronized Process begin(ProcessBuilder builder) throws IOException {
        if (ended) {
            throw new IOException("this process is ending");
        }
        process = builder.start();
        return process;
    }

    /** A port that nobody listens on right now. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new TaskQueueException("no free port: " + e.getMessage(), e);
        }
    }

    private static String configuration(RedisSettings settings, Path folder) {
        return "bind 127.0.0.1\n"
                + "port " + settings.port() + "\n"
                + "dir " + quote(folder.toAbsolutePath().toString()) + "\n"
                + "appendonly yes\n"
                + "save \"\"\n"
                + "databases " + Math.max(16, settings.database() + 1) + "\n"
                + settings.password()
                        .map(password -> "requirepass " + quote(password) + "\n")
                        .orElse("");
    }

    /** A line break would end the setting, and what follows it would be another. */
    private static String quote(String text) {
        return "\""
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                + "\"";
    }

    private static void requireLoopback(String host) {
        try {
            if (InetAddress.getByName(host).isLoopbackAddress()) {
                return;
            }
        } catch (UnknownHostException e) {
            // Then it is not this machine either.
        }
        throw new TaskQueueException(
                "REDIS_ADDR names the host \"" + host + "\"; with --embedded-redis it must be localhost");
    }

    private static void requireFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
        } catch (BindException e) {
            throw new TaskQueueException(
                    "port " + port
                            + " is taken, perhaps by the Redis of a worker that was killed; end it, or name another port in REDIS_ADDR",
                    e);
        }
    }

    private void awaitAnswer(StopSignal stop) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (RedisBroker broker = RedisBroker.at(settings).build()) {
            while (!stop.isAsked()) {
                try {
                    broker.ping();
                    return;
                } catch (BrokerUnavailableException e) {
                    if (!process.isAlive() || System.nanoTime() - deadline >= 0) {
                        throw new TaskQueueException("the embedded Redis does not start; see " + log, e);
                    }
                    pause(stop);
                }
            }
        }
    }

    private static void pause(StopSignal stop) {
        try {
            stop.await(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TaskQueueException("interrupted while the embedded Redis was starting", e);
        }
    }

    RedisSettings settings() {
        return settings;
    }

    /** Ends it in its own way, which writes out the append-only file; by force if that takes too long. */
    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(net);
        } catch (IllegalStateException e) {
            // It runs already.
        }
    }

    private synchronized void end() {
        ended = true;
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
