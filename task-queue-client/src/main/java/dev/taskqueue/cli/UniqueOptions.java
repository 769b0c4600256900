package dev.taskqueue.cli;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Task;
import dev.taskqueue.Unique;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which other tasks a task excludes. */
final class UniqueOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--unique",
            paramLabel = "KEY",
            description = "Of the tasks with the same key one at a time may be unfinished. A task that is not accepted "
                    + "prints the id of the one that stands instead, and that is no error.")
    private String key;

    @Option(
            names = "--until",
            paramLabel = "start|end",
            description = "With --unique: hold the key until the task begins, or until it has ended (default: end).")
    private String until;

    @Option(
            names = "--or-else",
            paramLabel = "reject|replace|run-after",
            description =
                    "With --unique, while another task holds the key: reject this one, put its content in the place of "
                            + "the other's while that has not begun, or have it run after the other (default: reject).")
    private String orElse;

    boolean isEmpty() {
        return key == null && until == null && orElse == null;
    }

    /**
     * @throws InvalidTaskException if an option says nothing sensible; the message names it
     * @throws ParameterException if --unique is missing
     */
    Task applyTo(Task task) {
        if (key == null) {
            if (!isEmpty()) {
                throw new ParameterException(spec.commandLine(), "--until and --or-else go with --unique KEY");
            }
            return task;
        }
        Unique unique;
        try {
            unique = Unique.by(key);
        } catch (InvalidTaskException e) {
            throw new InvalidTaskException("--unique: " + e.getMessage(), e);
        }
        return task.unique(unique.until(choice("--until", until, unique.until()))
                .orElse(choice("--or-else", orElse, unique.orElse())));
    }

    private static <E extends Enum<E>> E choice(String option, String value, E byDefault) {
        if (value == null) {
            return byDefault;
        }
        E[] choices = byDefault.getDeclaringClass().getEnumConstants();
        return Arrays.stream(choices)
                .filter(choice -> name(choice).equals(value.replace('_', '-')))
                .findFirst()
                .orElseThrow(() -> new InvalidTaskException(option + " is \"" + value + "\"; allowed is "
                        + Arrays.stream(choices).map(UniqueOptions::name).collect(Collectors.joining(", "))));
    }

    private static String name(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
