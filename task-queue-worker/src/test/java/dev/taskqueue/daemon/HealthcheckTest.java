package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.worker.WorkerHealth;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The image's health check finds the worker in whatever way METRICS_PORT is written. */
class HealthcheckTest {

    private volatile WorkerHealth health = new WorkerHealth(List.of(), List.of("Redis is unavailable"));
    private OpsServer server;

    @BeforeEach
    void open() throws IOException {
        server = new OpsServer(new InetSocketAddress(0), new CollectorRegistry(), () -> health);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static int check(String metricsPort) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        "bash", Path.of("..", "deploy", "healthcheck").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("METRICS_PORT", metricsPort);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"%d", ":%d", "127.0.0.1:%d", "localhost:%d", "0.0.0.0:%d", "[::]:%d"})
    void finds_the_worker_by(String form) throws Exception {
        assertThat(check(String.format(form, server.port()))).isZero();
    }

    @Test
    void tells_a_worker_that_only_a_restart_helps() throws Exception {
        health = new WorkerHealth(List.of("stuck"), List.of("stuck"));
        assertThat(check(":" + server.port())).isNotZero();
    }

    @Test
    void tells_a_worker_that_is_not_there() throws Exception {
        int port = server.port();
        server.close();
        assertThat(check(":" + port)).isNotZero();
    }
}
