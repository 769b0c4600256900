package dev.taskqueue.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.embedded.core.ExecutableProvider;

/**
 * A {@code redis-server} program. Tests of faults run on each of {@link #all()}, as servers differ in how they word and wrap
 * their errors.
 *
 * @param executable the program
 * @param version such as {@code 7.0.15}
 */
public record RedisServer(Path executable, String version) {

    private static final Logger LOG = LoggerFactory.getLogger(RedisServer.class);
    private static final Pattern VERSION = Pattern.compile("v=(\\S+)");

    private static List<RedisServer> all;

    /**
     * @return the one on the path, and the one that the embedded-redis jar carries (6.2) where it has another version; a
     *     method source: {@code @MethodSource(RedisServer.ALL)}
     */
    public static synchronized List<RedisServer> all() {
        if (all == null) {
            all = find();
        }
        return all;
    }

    /** The name of {@link #all()}, for method sources. */
    public static final String ALL = "dev.taskqueue.testing.RedisServer#all";

    /**
     * @return the one that tests use which need but one: the one on the path, or else the one that the jar carries
     */
    public static RedisServer usual() {
        return all().get(0);
    }

    @Override
    public String toString() {
        return "Redis " + version;
    }

    private static List<RedisServer> find() {
        List<RedisServer> found = new ArrayList<>();
        onPath().ifPresent(found::add);
        try {
            RedisServer carried = of(carried());
            if (found.stream().noneMatch(server -> server.version.equals(carried.version))) {
                found.add(carried);
            }
        } catch (IOException e) {
            if (found.isEmpty()) {
                throw new UncheckedIOException("the redis-server that embedded-redis carries cannot be used", e);
            }
            LOG.warn("the redis-server that embedded-redis carries cannot be used: {}", e.getMessage());
        }
        return List.copyOf(found);
    }

    private static Optional<RedisServer> onPath() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(entry -> Path.of(entry, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(executable -> {
                    try {
                        return of(executable);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static Path carried() throws IOException {
        Path folder = Files.createTempDirectory("task-queue-redis-server");
        Path executable =
                ExecutableProvider.newJarResourceProvider(folder.toFile()).get().toPath();
        // Last in, first out: the folder is empty when its turn comes.
        folder.toFile().deleteOnExit();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> file.toFile().deleteOnExit());
        }
        return executable;
    }

    private static RedisServer of(Path executable) throws IOException {
        Process process = new ProcessBuilder(executable.toString(), "--version")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Matcher version = VERSION.matcher(output);
        if (!version.find()) {
            throw new IOException(executable + " does not tell its version: " + output);
        }
        return new RedisServer(executable, version.group(1));
    }
}
