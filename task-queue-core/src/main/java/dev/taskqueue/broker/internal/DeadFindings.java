package dev.taskqueue.broker.internal;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.Finding;
import dev.taskqueue.Finding.Code;
import dev.taskqueue.Finding.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Whether many tasks have died lately, and mostly of what: by the newest dead letters. */
final class DeadFindings {

    private static final Duration LATELY = Duration.ofHours(1);

    /** How many of the newest are looked at: one page, 1 MiB of them at most. */
    private static final int NEWEST = 500;

    /** Fewer are the bugs and odd inputs of every day; so many in an hour are a service that is down, or a bad deployment. */
    private static final int MANY = 10;

    private static final Pattern CLASS = Pattern.compile("([\\w.$]{1,100})(:|$)");

    private final QueueContext context;
    private final String queue;
    private final long all;
    private final Instant now;

    DeadFindings(QueueContext context, String queue, long all, Instant now) {
        this.context = context;
        this.queue = queue;
        this.all = all;
        this.now = now;
    }

    Optional<Finding> find() {
        if (all == 0) {
            return Optional.empty();
        }
        List<DeadLetter> newest = new DeadLetterStore(context).newest(NEWEST);
        List<DeadLetter> lately = newest.stream()
                .filter(letter -> letter.diedAt()
                        .filter(at -> at.isAfter(now.minus(LATELY)))
                        .isPresent())
                .toList();
        if (lately.isEmpty()) {
            return Optional.empty();
        }
        boolean more = lately.size() == newest.size() && newest.size() < all;
        Map<String, Long> groups =
                lately.stream().collect(Collectors.groupingBy(DeadFindings::group, Collectors.counting()));
        Map.Entry<String, Long> most =
                groups.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        return Optional.of(new Finding(
                lately.size() >= MANY ? Severity.WARNING : Severity.INFO,
                Code.DEAD_LETTERS,
                Optional.of(queue),
                (more ? "At least " : "") + Wording.count(lately.size(), "task") + " died in the last hour, "
                        + (most.getValue() == lately.size() ? "all " : "mostly ") + most.getKey() + "; "
                        + Wording.count(all, "dead letter") + " in all.",
                "They were given up and stay among the dead letters; nothing runs them again by itself.",
                "client.jar dead list --since 1h --queue " + Wording.argument(queue)
                        + " shows them; once the cause is mended, dead retry --rate 100/s has them run again."));
    }

    /** What died of what; anybody can have written the letter. */
    private static String group(DeadLetter letter) {
        Matcher name = CLASS.matcher(letter.lastError().orElse(""));
        return letter.type().map(type -> "of type " + Wording.quote(type)).orElse("entries that are no task")
                + (name.lookingAt()
                        ? " of " + name.group(1)
                        : letter.reason().isBlank() ? "" : " (" + Wording.line(letter.reason()) + ")");
    }
}
