package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.testing.JarProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The worker's jar never prints a secret, in whatever setting it stands. */
class SecretSettingsIT {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "REDIS_ADDR",
                "REDIS_USERNAME",
                "REDIS_DB",
                "QUEUE_NAME",
                "WORKER_CONCURRENCY",
                "METRICS_PORT",
                "WORKER_LEASE",
                "HANDLERS_DIR",
                "SAMPLE_HANDLERS",
                "LOG_FORMAT",
                "LOG_LEVEL"
            })
    void an_address_with_a_password_is_not_printed(String name) {
        try (JarProcess worker = JarProcess.start("worker.jar", Map.of(name, "redis://:s3cret@host:6379"))) {
            assertThat(worker.awaitExit()).isEqualTo(2);
            assertThat(worker.errors().strip().lines())
                    .singleElement()
                    .asString()
                    .startsWith("worker: " + name)
                    .doesNotContain("s3cret");
            assertThat(worker.output()).doesNotContain("s3cret");
        }
    }

    @Test
    void a_line_of_env_that_cannot_be_read_is_not_printed() throws IOException {
        Files.writeString(folder.resolve(".env"), "REDIS_PASSWORD s3cret\n");
        Map<String, String> there = Map.of("JAVA_TOOL_OPTIONS", "-Duser.dir=" + folder);
        try (JarProcess worker = JarProcess.start("worker.jar", there)) {
            assertThat(worker.awaitExit()).isEqualTo(2);
            assertThat(worker.errors()).contains("worker: .env cannot be read").doesNotContain("s3cret");
        }
    }
}
