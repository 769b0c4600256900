package dev.taskqueue;

import dev.taskqueue.internal.TaskLimits;
import java.util.Locale;

/** The lane of a task: every high one is taken before a normal one, every normal one before a low one. */
public enum Priority {
    /** Taken first. */
    HIGH,
    /** The default, and the lane of a bare {@code LPUSH}. */
    NORMAL,
    /** Taken when nothing else waits. */
    LOW;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /**
     * @return the name on the wire: {@code high}, {@code normal} or {@code low}
     */
    public String wireName() {
        return wireName;
    }

    /**
     * @param name a name on the wire
     * @return the priority of that name
     * @throws InvalidTaskException if it is not {@code high}, {@code normal} or {@code low}
     */
    public static Priority ofWireName(String name) {
        return switch (name) {
            case "high" -> HIGH;
            case "normal" -> NORMAL;
            case "low" -> LOW;
            default ->
                throw new InvalidTaskException(
                        "priority is " + TaskLimits.quote(name) + "; allowed are \"high\", \"normal\" and \"low\"");
        };
    }
}
