package dev.taskqueue.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A real JVM that runs one of our jars, with its output in a file. */
public final class JarProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Most of these JVMs end within a second or two: what the second compiler costs, a third of their time, never pays. */
    private static final String FIRST_COMPILER = "-XX:TieredStopAtLevel=1";

    private final Process process;
    private final Path output;
    private final Path errors;

    private JarProcess(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /**
     * Starts a jar of the build in an empty folder, where no {@code .env} lies.
     *
     * @param jarProperty the system property that names the jar: {@code worker.jar} or {@code client.jar}
     */
    public static JarProcess start(String jarProperty, Map<String, String> environment, String... args) {
        Path jar = Path.of(System.getProperty(jarProperty));
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is not built; run ./mvnw verify");
        }
        String java = ProcessHandle.current().info().command().orElseThrow();
        List<String> command = new ArrayList<>(List.of(java, FIRST_COMPILER));
        // A test that sets up the JVM itself wants to see it as it is.
        if (!environment.containsKey("JAVA_TOOL_OPTIONS")) {
            ClassArchive.of(java, jar).ifPresent(archive -> command.add("-XX:SharedArchiveFile=" + archive));
        }
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(List.of(args));
        try {
            Path folder = Files.createTempDirectory("task-queue-process");
            Path output = folder.resolve("out.log");
            Path errors = folder.resolve("err.log");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile());
            builder.environment().putAll(environment);
            return new JarProcess(builder.start(), output, errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String output() {
        return read(output);
    }

    public String errors() {
        return read(errors);
    }

    /** Waits until the output holds a text. */
    public JarProcess awaitOutput(String text) {
        Awaitility.await("\"" + text + "\" in the output").atMost(PATIENCE).until(() -> {
            if (!process.isAlive() && !output().contains(text)) {
                throw new IllegalStateException("ended with " + process.exitValue() + ": " + output() + errors());
            }
            return output().contains(text);
        });
        return this;
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Sends SIGKILL, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    public int awaitExit() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("still runs: " + output() + errors());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        kill();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
