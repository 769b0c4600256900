package dev.taskqueue.testing;

import dev.taskqueue.broker.RedisSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Finds one Redis for a whole test JVM: the address in {@value #ADDRESS_VARIABLE}, else a container where a Docker engine
 * answers and can give one, else a {@code redis-server} process.
 */
public final class TestRedis {

    /** Names an address to use, such as {@code localhost:6379}. */
    public static final String ADDRESS_VARIABLE = "TEST_REDIS_ADDR";

    private static final Logger LOG = LoggerFactory.getLogger(TestRedis.class);
    private static final DockerImageName IMAGE = DockerImageName.parse("redis:7-alpine");
    private static final int PORT = 6379;

    private static final Map<RedisServer, RedisSettings> OTHERS = new HashMap<>();

    private static RedisSettings shared;

    private TestRedis() {}

    /** The Redis that all test classes of this JVM share; it ends with the JVM, as JUnit's own run may be a class alone. */
    public static synchronized RedisSettings shared() {
        if (shared == null) {
            shared = start();
        }
        return shared;
    }

    /** Like {@link #shared()}, of a program; of the usual one it is the same Redis. */
    public static synchronized RedisSettings shared(RedisServer server) {
        return server.equals(RedisServer.usual()) ? shared() : OTHERS.computeIfAbsent(server, TestRedis::process);
    }

    private static RedisSettings start() {
        String given = System.getenv(ADDRESS_VARIABLE);
        if (given != null && !given.isBlank()) {
            LOG.info("tests use the Redis at {}", given);
            return RedisSettings.of(given);
        }
        return container().orElseGet(() -> process(RedisServer.usual()));
    }

    @SuppressWarnings("resource")
    private static Optional<RedisSettings> container() {
        if (!dockerAnswers()) {
            return Optional.empty();
        }
        GenericContainer<?> container = new GenericContainer<>(IMAGE).withExposedPorts(PORT);
        try {
            container.start();
        } catch (RuntimeException e) {
            LOG.warn("the Docker engine gives no {} ({}); using a redis-server process", IMAGE, e.getMessage());
            container.close();
            return Optional.empty();
        }
        LOG.info("tests use Redis in a container of {}", IMAGE);
        String address = container.getHost() + ":" + container.getMappedPort(PORT);
        Runtime.getRuntime().addShutdownHook(new Thread(container::close));
        return Optional.of(RedisSettings.of(address));
    }

    private static boolean dockerAnswers() {
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static RedisSettings process(RedisServer server) {
        // As the container: what a crash leaves is the business of tests with a Redis of their own.
        RedisProcess process = RedisProcess.start(server, "--appendonly", "no");
        Runtime.getRuntime().addShutdownHook(new Thread(process::close));
        LOG.info("tests use {} at {}", process.executable(), process.settings().address());
        return process.settings();
    }
}
