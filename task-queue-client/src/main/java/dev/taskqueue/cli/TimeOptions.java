package dev.taskqueue.cli;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.Task;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.config.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import picocli.CommandLine.Option;

/** When a task is to run, as {@code client enqueue} is told. */
final class TimeOptions {

    @Option(
            names = "--in",
            paramLabel = "DURATION",
            description = "Not before so long has passed, such as 500ms, 30s, 5m, 24h or 7d.")
    private String in;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Not before this time, such as 2026-12-01T09:00:00Z or 2026-12-01T10:00:00+01:00.")
    private String at;

    @Option(
            names = "--expires-in",
            paramLabel = "DURATION",
            description = "It ends as expired if it has not begun by then. It counts from now on, --in or not.")
    private String expiresIn;

    boolean isEmpty() {
        return in == null && at == null && expiresIn == null;
    }

    /**
     * @return the task with these times
     * @throws InvalidTaskException if one of them is not allowed; the message names it
     */
    Task applyTo(Task task) {
        if (in != null && at != null) {
            throw new InvalidTaskException("--in and --at are both given; a task has one time");
        }
        Task timed = task;
        if (in != null) {
            timed = timed.in(duration("--in", in));
        } else if (at != null) {
            timed = timed.at(time(at));
        }
        return expiresIn == null ? timed : timed.expiresIn(duration("--expires-in", expiresIn));
    }

    private static Duration duration(String option, String text) {
        return Durations.parse(text)
                .orElseThrow(() -> new InvalidTaskException(option + " is " + TaskLimits.quote(text)
                        + "; it must be a duration such as 500ms, 30s, 5m, 24h or 7d"));
    }

    private static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text.strip()).toInstant();
        } catch (DateTimeException e) {
            throw new InvalidTaskException(
                    "--at is " + TaskLimits.quote(text)
                            + "; it must be a time with its zone, such as 2026-12-01T09:00:00Z or 2026-12-01T10:00:00+01:00",
                    e);
        }
    }
}
