package dev.taskqueue.cli;

import dev.taskqueue.testing.JarProcess;
import dev.taskqueue.testing.RedisFixture;
import java.util.Map;
import java.util.stream.Stream;

/** {@code client.jar} as its users run it: a process, the environment, what it prints. */
final class ClientJar {

    private ClientJar() {}

    /** How it ended, and what it printed, without blanks around it. */
    record Run(int exitCode, String output, String errors) {}

    /** What a client of a test's queue needs; unmodifiable. */
    static Map<String, String> environment(RedisFixture redis) {
        return Map.of("REDIS_ADDR", redis.settings().address(), "QUEUE_NAME", redis.queue());
    }

    static Run run(Map<String, String> environment, String... args) {
        try (JarProcess client = JarProcess.start("client.jar", environment, args)) {
            int exitCode = client.awaitExit();
            return new Run(exitCode, client.output().strip(), client.errors().strip());
        }
    }

    /** The arguments, with some before them. */
    static String[] after(String[] args, String... before) {
        return Stream.of(before, args).flatMap(Stream::of).toArray(String[]::new);
    }
}
