package dev.taskqueue.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.DeadLetter;
import dev.taskqueue.DeadLetterPage;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters by what they died of: type, class of the error, reason. Most have died of the same, and are retried or deleted
 * together. Of one thread.
 */
public final class DeadGroups {

    /** How many letters are looked at, the newest. */
    static final int MAX_SEARCHED = 10_000;

    static final int MAX_GROUPS = 200;

    /** How many bytes of letters are read, about: letters may be as large as tasks. */
    private static final long MAX_BYTES = 64 << 20;

    /** Of an error or a reason that does not begin with a name. */
    private static final int LONGEST_PART = 200;

    private static final int PAGE = 500;
    private static final int HOURS = 24;

    /** Reads a page of letters, newest first. */
    @FunctionalInterface
    public interface Source {

        /**
         * @param from where to begin: {@code next} of the page before, or empty for the newest
         * @param max how many letters to look at
         * @return some letters, and where to go on
         */
        DeadLetterPage read(Optional<String> from, int max);
    }

    private record Key(@Nullable String type, @Nullable String error, String reason) {}

    private static final class Group {

        private long count;
        private @Nullable Instant first;
        private @Nullable Instant last;
        private final long[] byHour = new long[HOURS];
    }

    private final Map<Key, Group> groups = new LinkedHashMap<>();
    private final Instant now;

    private DeadGroups(Instant now) {
        this.now = now;
    }

    /**
     * Groups the newest letters: 10,000, or fewer where they are large. The 200 largest groups are told of.
     *
     * @param letters reads them
     * @param now what the last of the 24 hours ends with
     * @return a new object
     */
    public static ObjectNode of(Source letters, Instant now) {
        DeadGroups groups = new DeadGroups(now);
        Optional<String> from = Optional.empty();
        int searched = 0;
        long bytes = 0;
        do {
            DeadLetterPage page = letters.read(from, Math.min(PAGE, MAX_SEARCHED - searched));
            for (DeadLetter letter : page.letters()) {
                groups.add(letter);
                bytes += letter.json().size();
            }
            searched += page.searched();
            from = page.next();
        } while (from.isPresent() && searched < MAX_SEARCHED && bytes < MAX_BYTES);
        return groups.view(searched, from.isEmpty());
    }

    private void add(DeadLetter letter) {
        Group group = groups.computeIfAbsent(
                new Key(
                        letter.type().orElse(null),
                        letter.lastError().map(DeadGroups::kindOf).orElse(null),
                        general(letter.reason())),
                key -> new Group());
        group.count++;
        letter.diedAt().ifPresent(died -> {
            group.first = group.first == null || died.isBefore(group.first) ? died : group.first;
            group.last = group.last == null || died.isAfter(group.last) ? died : group.last;
            if (!died.isAfter(now) && died.isAfter(now.minus(Duration.ofHours(HOURS)))) {
                group.byHour[HOURS - 1 - (int) Duration.between(died, now).toHours()]++;
            }
        });
    }

    /** The class of an error, or how its message begins: an error may be any text. It is a part of the text. */
    static String kindOf(String error) {
        int end = 0;
        while (end < error.length() && end < LONGEST_PART && isOfName(error.charAt(end))) {
            end++;
        }
        boolean isName = end > 0 && (end == error.length() || ":\n\r".indexOf(error.charAt(end)) >= 0);
        return isName ? error.substring(0, end) : general(error);
    }

    private static boolean isOfName(char c) {
        return Character.isJavaIdentifierPart(c) || c == '.';
    }

    /**
     * A text up to where it begins to tell of one task: a number, a quotation, what follows a colon. One that begins with such is
     * told as it is, but for its length. It is a part of the text.
     */
    static String general(String text) {
        int end = 0;
        while (end < text.length() && end < LONGEST_PART && !isParticular(text.charAt(end))) {
            end++;
        }
        String beginning = text.substring(0, whole(text, end)).strip();
        return beginning.isEmpty() ? text.substring(0, whole(text, Math.min(text.length(), LONGEST_PART))) : beginning;
    }

    /** Not between the halves of a character. */
    private static int whole(String text, int end) {
        boolean isBetween = end > 0
                && end < text.length()
                && Character.isHighSurrogate(text.charAt(end - 1))
                && Character.isLowSurrogate(text.charAt(end));
        return isBetween ? end - 1 : end;
    }

    private static boolean isParticular(char c) {
        return c >= '0' && c <= '9' || c == '"' || c == ':' || c == '\n';
    }

    /** The largest first; the rest is told by its number. */
    private ObjectNode view(int searched, boolean complete) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode all = body.putArray("groups");
        List<Map.Entry<Key, Group>> largest = groups.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<Key, Group> entry) -> -entry.getValue().count))
                .limit(MAX_GROUPS)
                .toList();
        largest.forEach(entry -> all.add(view(entry.getKey(), entry.getValue())));
        return body.put("more_groups", groups.size() - largest.size())
                .put("searched", searched)
                .put("complete", complete);
    }

    private static ObjectNode view(Key key, Group group) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        if (key.type != null) {
            fields.put("type", key.type);
        }
        if (key.error != null) {
            fields.put("error", key.error);
        }
        fields.put("reason", key.reason).put("count", group.count);
        if (group.first != null && group.last != null) {
            fields.put("first", group.first.toString()).put("last", group.last.toString());
        }
        ArrayNode hours = fields.putArray("by_hour");
        for (long count : group.byHour) {
            hours.add(count);
        }
        return fields;
    }
}
