package dev.taskqueue.daemon;

import dev.taskqueue.Cron;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.Zones;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of {@code CRON_FILE}: {@code NAME SPEC TYPE JSON}, and options as {@code key=value} behind the name, the spec, the
 * type or the JSON, which may be missing. The spec has five words, or is one that begins with {@code @}.
 */
final class CronLine {

    private static final int FIELDS = 5;
    private static final Pattern WORD = Pattern.compile("\\S+");
    private static final String KEYS = "zone|overlap|catch_up|max_retries";
    private static final Pattern OPTION = Pattern.compile("(" + KEYS + ")=(\\S+)");

    /** No JSON ends like this: what follows a string's last quote holds no {@code =}. */
    private static final Pattern LAST_OPTION =
            Pattern.compile("(?:^|.*\\s)((" + KEYS + ")=[\\w+:/.-]+)$", Pattern.DOTALL);

    private final Map<String, String> options = new LinkedHashMap<>();
    private String rest;

    private CronLine(String line) {
        rest = line;
    }

    /**
     * @param line without blanks around it, and neither empty nor a comment
     * @throws InvalidTaskException if it is no schedule; the message says what is wrong
     */
    static Cron parse(String line) {
        return new CronLine(line).parse();
    }

    private Cron parse() {
        String name = word();
        options();
        String spec = spec();
        options();
        String type = word();
        options();
        lastOptions();
        if (rest.matches("(?s)[a-z_-]+=.*")) {
            String key = rest.substring(0, rest.indexOf('='));
            throw new InvalidTaskException(
                    "option is " + TaskLimits.quote(key) + "; allowed are zone=, overlap=, catch_up= and max_retries=");
        }
        Cron cron = Cron.of(name, spec, type, payload());
        if (options.containsKey("zone")) {
            cron = cron.withZone(Zones.parse(options.get("zone")));
        }
        if (options.containsKey("catch_up")) {
            cron = cron.withCatchUp(Cron.CatchUp.ofWireName(options.get("catch_up")));
        }
        if (options.containsKey("overlap")) {
            cron = cron.withOverlap(Cron.Overlap.ofWireName(options.get("overlap")));
        }
        if (options.containsKey("max_retries")) {
            cron = cron.withMaxRetries(number(options.get("max_retries")));
        }
        return cron;
    }

    private String spec() {
        if (rest.startsWith("@")) {
            return word();
        }
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < FIELDS && !rest.isEmpty(); i++) {
            fields.add(word());
        }
        return String.join(" ", fields);
    }

    private RawJson payload() {
        if (rest.isEmpty()) {
            return RawJson.NULL;
        }
        try {
            return RawJson.parse(rest);
        } catch (InvalidTaskException e) {
            throw new InvalidTaskException("payload is " + e.getMessage(), e);
        }
    }

    /** The next word; empty at the end. */
    private String word() {
        Matcher matcher = WORD.matcher(rest);
        if (!matcher.lookingAt()) {
            return "";
        }
        rest = rest.substring(matcher.end()).stripLeading();
        return matcher.group();
    }

    private void options() {
        Matcher matcher = OPTION.matcher(rest);
        while (matcher.lookingAt()) {
            add(matcher.group(1), matcher.group(2));
            rest = rest.substring(matcher.end()).stripLeading();
            matcher = OPTION.matcher(rest);
        }
    }

    private void lastOptions() {
        Matcher matcher = LAST_OPTION.matcher(rest);
        while (matcher.matches()) {
            add(matcher.group(2), matcher.group(1).substring(matcher.group(2).length() + 1));
            rest = rest.substring(0, matcher.start(1)).stripTrailing();
            matcher = LAST_OPTION.matcher(rest);
        }
    }

    private void add(String key, String value) {
        if (options.put(key, value) != null) {
            throw new InvalidTaskException(key + " is given twice");
        }
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new InvalidTaskException(
                    "max_retries is " + TaskLimits.quote(text) + "; allowed is 0 to " + TaskLimits.MAX_RETRIES);
        }
        return Integer.parseInt(text);
    }
}
