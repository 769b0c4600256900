package dev.taskqueue.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The classes of one of our jars, loaded and verified once for all the JVMs that tests start of it: each then takes a third
 * less of a processor. Made beside the jar by the first of the forks that needs it.
 */
final class ClassArchive {

    private static final Map<Path, Optional<Path>> KNOWN = new HashMap<>();

    /** What loads nearly all of a jar and ends by itself, by the name of the jar. */
    private static final Map<String, List<String>> RUNS =
            Map.of("worker.jar", List.of("--demo"), "client.jar", List.of("stats"));

    private ClassArchive() {}

    /**
     * @param java the program that is to run the jar
     * @return the archive; empty where there is none, with which the jar runs as well
     */
    static synchronized Optional<Path> of(String java, Path jar) {
        return KNOWN.computeIfAbsent(jar, path -> {
            // Tests run in the JVM that runs the jar, and each version of it wants an archive of its own.
            Path archive = path.resolveSibling(path.getFileName() + "-" + Runtime.version() + ".jsa");
            Path lock = path.resolveSibling(path.getFileName() + ".lock");
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                if (held.isValid() && !isOf(archive, path)) {
                    make(java, path, archive);
                }
                return isOf(archive, path) ? Optional.of(archive) : Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** A JVM refuses an archive of another jar, and says so on the standard output. */
    private static boolean isOf(Path archive, Path jar) throws IOException {
        return Files.exists(archive)
                && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) > 0;
    }

    private static void make(String java, Path jar, Path archive) throws IOException {
        List<String> command = new ArrayList<>(List.of(java, "-XX:ArchiveClassesAtExit=" + archive, "-jar"));
        command.add(jar.toString());
        command.addAll(RUNS.getOrDefault(jar.getFileName().toString(), List.of("--help")));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Files.createTempDirectory("task-queue-archive").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        // Nobody listens there: the client is to fail.
        builder.environment().put("REDIS_ADDR", "localhost:1");
        Process process = builder.start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                Files.deleteIfExists(archive);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
