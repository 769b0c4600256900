package dev.taskqueue.testing;

import dev.taskqueue.broker.RedisSettings;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Finds one Redis for a whole test run: the address in {@value #ADDRESS_VARIABLE}, else a container where a Docker engine
 * answers and can give one, else a {@code redis-server} process.
 */
public final class TestRedis {

    /** Names an address to use, such as {@code localhost:6379}. */
    public static final String ADDRESS_VARIABLE = "TEST_REDIS_ADDR";

    private static final Logger LOG = LoggerFactory.getLogger(TestRedis.class);
    private static final DockerImageName IMAGE = DockerImageName.parse("redis:7-alpine");
    private static final int PORT = 6379;

    private record Shared(RedisSettings settings, Runnable end) implements AutoCloseable {

        @Override
        public void close() {
            end.run();
        }
    }

    private TestRedis() {}

    /** The Redis that all test classes share; it ends with the run. */
    public static RedisSettings shared(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(TestRedis.class))
                .getOrComputeIfAbsent(Shared.class, key -> start(), Shared.class)
                .settings();
    }

    private static Shared start() {
        String given = System.getenv(ADDRESS_VARIABLE);
        if (given != null && !given.isBlank()) {
            LOG.info("tests use the Redis at {}", given);
            return new Shared(RedisSettings.of(given), () -> {});
        }
        return container().orElseGet(TestRedis::process);
    }

    @SuppressWarnings("resource")
    private static Optional<Shared> container() {
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
        return Optional.of(new Shared(RedisSettings.of(address), container::close));
    }

    private static boolean dockerAnswers() {
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static Shared process() {
        RedisProcess process = RedisProcess.start();
        LOG.info("tests use {} at {}", process.executable(), process.settings().address());
        return new Shared(process.settings(), process::close);
    }
}
