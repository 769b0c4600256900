package dev.taskqueue.cli.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The client once more, in a process of its own. */
final class ChildJvm {

    private ChildJvm() {}

    /**
     * @param options of the JVM
     * @param args of {@code client bench}
     * @return the command that starts it; more arguments can be added
     */
    static List<String> command(List<String> options, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.taskqueue.cli.ClientMain", "bench"));
        command.addAll(List.of(args));
        return command;
    }
}
