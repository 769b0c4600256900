package dev.taskqueue.broker.internal;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.Explanation.Code;
import dev.taskqueue.Explanation.Reason;
import dev.taskqueue.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What is said of a task that has ended. */
final class EndedReasons {

    private EndedReasons() {}

    /**
     * @param status a final one
     * @param key the key that it was a duplicate by, if it was and that is known
     */
    static Reason of(TaskStatus status, Instant now, Optional<String> key) {
        String when =
                status.finishedAt().map(at -> " at " + Wording.at(at, now)).orElse("");
        String where = status.worker()
                .map(worker -> " on worker " + Wording.line(worker))
                .orElse("");
        return switch (status.state()) {
            case SUCCEEDED ->
                new Reason(
                        Code.SUCCEEDED,
                        "It succeeded" + when + where + ", in its " + Wording.ordinal(Math.max(1, status.attempts()))
                                + " attempt" + ran(status) + ".",
                        "");
            case DUPLICATE ->
                new Reason(
                        Code.DUPLICATE,
                        "It was not run" + when + ": "
                                + key.map(text -> "another task with its key " + Wording.quote(text)
                                                + " had succeeded already, or was there")
                                        .orElse(
                                                "another task with its idempotency key had succeeded already, or one with "
                                                        + "its unique key was there")
                                + ".",
                        "If it should run all the same, enqueue it with another key.");
            case EXPIRED ->
                new Reason(
                        Code.EXPIRED,
                        "It had not begun by its expires_at, as a worker found" + when + ".",
                        "If it should run all the same, enqueue it once more, with a later expires_at.");
            case CANCELLED ->
                new Reason(
                        Code.CANCELLED,
                        "It was cancelled" + when
                                + status.cancelReason()
                                        .map(reason -> ", with the reason " + Wording.quote(reason))
                                        .orElse("")
                                + ".",
                        "");
            default ->
                new Reason(
                        Code.DEAD,
                        "It was given up" + when + where
                                + status.lastError()
                                        .map(error -> ". Its last error: " + Wording.line(error))
                                        .orElse("")
                                + ".",
                        "");
        };
    }

    private static String ran(TaskStatus status) {
        return status.startedAt()
                .flatMap(begin -> status.finishedAt().map(end -> ", which took " + span(begin, end)))
                .orElse("");
    }

    private static String span(Instant begin, Instant end) {
        return Wording.span(Duration.between(begin, end));
    }

    static Reason ofLetter(DeadLetter letter, String queue, Instant now) {
        String text = "It was given up"
                + letter.diedAt().map(at -> " at " + Wording.at(at, now)).orElse("")
                + (letter.reason().isBlank() ? "" : ", as: " + Wording.line(letter.reason()))
                + (letter.retries() == 0
                        ? ""
                        : ", after " + letter.retries() + (letter.retries() == 1 ? " retry" : " retries"))
                + letter.lastError()
                        .map(error -> ". Its last error: " + Wording.line(error))
                        .orElse("")
                + ".";
        return new Reason(
                Code.DEAD,
                text,
                Wording.command("dead show", letter.id(), queue) + " shows it. Once the cause is mended, "
                        + (letter.retryable()
                                ? Wording.command("dead retry", letter.id(), queue) + " has it run again."
                                : "enqueue it once more."));
    }
}
