package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.DeadLetter;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters by what they died of: type, class of the error, reason. Most have died of the same, and are retried or deleted
 * together.
 */
final class DeadGroups {

    /** What a reason or an error tells of one task alone is not told of the group. */
    private static final int LONGEST_PART = 200;

    private static final int MAX_GROUPS = 200;
    private static final int HOURS = 24;

    private record Key(@Nullable String type, @Nullable String error, String reason) {}

    private static final class Group {

        private long count;
        private @Nullable Instant first;
        private @Nullable Instant last;
        private final long[] byHour = new long[HOURS];
    }

    private final Map<Key, Group> groups = new LinkedHashMap<>();
    private final Instant now;

    DeadGroups(List<DeadLetter> letters, Instant now) {
        this.now = now;
        letters.forEach(this::add);
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
            long hours = Duration.between(died, now).toHours();
            if (hours >= 0 && hours < HOURS) {
                group.byHour[HOURS - 1 - (int) hours]++;
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

    /** A text up to where it begins to tell of one task: a number, a quotation, what follows a colon. */
    static String general(String text) {
        int end = 0;
        while (end < text.length() && end < LONGEST_PART && !isParticular(text.charAt(end))) {
            end++;
        }
        String beginning = text.substring(0, end).strip();
        return beginning.isEmpty() ? text.substring(0, Math.min(text.length(), LONGEST_PART)) : beginning;
    }

    private static boolean isParticular(char c) {
        return c >= '0' && c <= '9' || c == '"' || c == ':' || c == '\n';
    }

    /** The largest first; the rest is told by its number. */
    ObjectNode view(int searched, boolean complete) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode all = body.putArray("groups");
        groups.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<Key, Group> entry) -> -entry.getValue().count))
                .limit(MAX_GROUPS)
                .forEach(entry -> all.add(view(entry.getKey(), entry.getValue())));
        return body.put("more_groups", Math.max(0, groups.size() - MAX_GROUPS))
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
