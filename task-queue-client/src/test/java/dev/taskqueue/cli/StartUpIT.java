package dev.taskqueue.cli;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.Task;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.testing.RedisFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A command is ready soon, as it loads little: most of its time goes into loading classes. */
class StartUpIT {

    /** A third of what it was when each command loaded all of them; a fifth more than it is. */
    private static final int MOST_OF_OURS = 540;

    /** What the JDK loads varies by some hundreds from one to the next. */
    private static final int MOST = 2_400;

    /** Each of them once took part in every command. */
    private static final List<String> NEEDLESS = List.of(
            "ch.qos.logback.classic.joran.",
            "ch.qos.logback.core.pattern.",
            "com.fasterxml.jackson.databind.ObjectMapper",
            "com.sun.org.apache.xerces.",
            "dev.taskqueue.cli.DeadFilterOptions",
            "io.github.cdimascio.dotenv.DotenvBuilder",
            "java.sql.",
            "javax.management.MBeanServer",
            "org.eclipse.jetty.",
            "redis.clients.jedis.UnifiedJedis");

    @RegisterExtension
    final RedisFixture redis = new RedisFixture();

    private record Loaded(String name, boolean ours) {}

    private List<Loaded> loadedBy(String... args) throws IOException {
        Path log = Files.createTempFile("task-queue-classes", ".log");
        Map<String, String> environment = new HashMap<>(ClientJar.environment(redis));
        environment.put("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + log + ":none");
        ClientJar.Run run = ClientJar.run(environment, args);
        assertThat(run.exitCode()).as(run.errors()).isZero();
        return Files.readAllLines(log).stream()
                .map(line -> new Loaded(line.substring(0, line.indexOf(' ')), line.contains("client.jar")))
                .toList();
    }

    private static void assertFew(List<Loaded> loaded) {
        Map<String, Long> packages = loaded.stream()
                .filter(Loaded::ours)
                .collect(groupingBy(type -> type.name().replaceFirst("\\.[^.]*$", ""), TreeMap::new, counting()));
        assertThat(loaded.stream()
                        .map(Loaded::name)
                        .filter(name -> NEEDLESS.stream().anyMatch(name::startsWith)))
                .isEmpty();
        assertThat(loaded.stream().filter(Loaded::ours).count())
                .as("classes of the jar, by package: %s", packages)
                .isLessThan(MOST_OF_OURS);
        assertThat(loaded).as("all classes").hasSizeLessThan(MOST);
    }

    @Test
    void status_and_enqueue_load_little() throws Exception {
        try (RedisBroker broker = redis.broker()) {
            broker.enqueue(Task.of("email:send", 1).withId("one"));
        }
        assertFew(loadedBy("stats"));
        assertFew(loadedBy("status", "one"));
        assertFew(loadedBy("status", "one", "--json"));
        assertFew(loadedBy("enqueue", "email:send", "{\"to\":\"a\"}"));
        assertFew(loadedBy("--help"));
    }

    /** What another command loads is seen: so a bound that holds says something. */
    @Test
    void what_is_needed_is_loaded_and_seen() throws Exception {
        assertThat(loadedBy("dead", "list")).contains(new Loaded("dev.taskqueue.cli.DeadFilterOptions", true));
        assertThat(loadedBy("pause")).contains(new Loaded("com.fasterxml.jackson.databind.ObjectMapper", true));
    }
}
