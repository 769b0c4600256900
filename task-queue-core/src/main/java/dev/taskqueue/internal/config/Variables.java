package dev.taskqueue.internal.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads settings by name, checks each, and remembers what was read, so that it can be shown. A blank value counts as none.
 * What may be a secret in a setting that is none is never shown, neither by {@link #shown()} nor in a message. Every method
 * throws {@link InvalidSettingException} for a value that is not allowed. Not thread-safe.
 */
public final class Variables {

    /** An address with a user or a password, and a key in place of the name of its file. */
    private static final Pattern SECRET = Pattern.compile("(?is)://.*@|-----BEGIN");

    private final Function<String, String> source;
    private final Map<String, String> shown = new LinkedHashMap<>();

    /**
     * @param source gives the value of a name, or null; {@code System::getenv} is one
     */
    public Variables(Function<String, String> source) {
        this.source = source;
    }

    /**
     * @param name the setting's name
     * @return its value, without blanks around it; empty if it is not set
     */
    public Optional<String> text(String name) {
        Optional<String> value = raw(name);
        if (value.isPresent()) {
            refuseSecret(name, value.get());
        }
        shown.put(name, printable(value.orElse("")));
        return value;
    }

    /**
     * @param name the setting's name
     * @return its value, the path of a file or folder, which need not exist; empty if it is not set
     */
    public Optional<Path> path(String name) {
        return text(name).map(value -> {
            try {
                return Path.of(value);
            } catch (InvalidPathException e) {
                throw invalid(name, value, "the path of a file or folder");
            }
        });
    }

    /**
     * Like {@link #text(String)}, for what must never be printed.
     *
     * @param name the setting's name
     * @return its value; empty if it is not set
     */
    public Optional<String> secret(String name) {
        Optional<String> value = raw(name);
        shown.put(name, value.isPresent() ? "(set)" : "");
        return value;
    }

    /**
     * @param name the setting's name
     * @param fallback for when it is not set
     * @return its value
     */
    public String text(String name, String fallback) {
        Optional<String> value = text(name);
        if (value.isEmpty()) {
            shown.put(name, fallback);
        }
        return value.orElse(fallback);
    }

    /**
     * @param name the setting's name
     * @param fallback for when it is not set
     * @param min the least that is allowed
     * @param max the most that is allowed
     * @return its value
     */
    public int integer(String name, int fallback, int min, int max) {
        Optional<String> text = raw(name);
        int value = fallback;
        if (text.isPresent()) {
            String allowed = "a whole number from " + min + " to " + max;
            try {
                value = Integer.parseInt(text.get());
            } catch (NumberFormatException e) {
                throw invalid(name, text.get(), allowed);
            }
            if (value < min || value > max) {
                throw invalid(name, text.get(), allowed);
            }
        }
        shown.put(name, Integer.toString(value));
        return value;
    }

    /**
     * @param name the setting's name
     * @param fallback for when it is not set
     * @param min the least that is allowed
     * @param max the most that is allowed
     * @return its value
     */
    public Duration duration(String name, Duration fallback, Duration min, Duration max) {
        Optional<String> text = raw(name);
        Duration value = fallback;
        if (text.isPresent()) {
            value = Durations.parse(text.get())
                    .filter(parsed -> parsed.compareTo(min) >= 0 && parsed.compareTo(max) <= 0)
                    .orElseThrow(() -> invalid(
                            name,
                            text.get(),
                            "a duration such as 500ms, 30s, 5m or 24h, from " + Durations.format(min) + " to "
                                    + Durations.format(max)));
        }
        shown.put(name, Durations.format(value));
        return value;
    }

    /**
     * @param name the setting's name
     * @param fallback for when it is not set
     * @return its value
     */
    public boolean flag(String name, boolean fallback) {
        String text = raw(name).orElse(Boolean.toString(fallback)).toLowerCase(Locale.ROOT);
        if (!text.equals("true") && !text.equals("false")) {
            throw invalid(name, text, "true or false");
        }
        shown.put(name, text);
        return text.equals("true");
    }

    /**
     * @param name the setting's name
     * @param value what it is
     * @param allowed what it may be
     * @return the exception to throw
     */
    public static InvalidSettingException invalid(String name, String value, String allowed) {
        return new InvalidSettingException(name + " is \"" + printable(value) + "\"; it must be " + allowed);
    }

    /**
     * @param name the setting's name
     * @param value what it is
     * @throws InvalidSettingException if it holds a user, a password or a key, which only settings that are never shown may
     */
    public static void refuseSecret(String name, String value) {
        if (SECRET.matcher(value).find()) {
            throw value.contains("-----BEGIN")
                    ? new InvalidSettingException(
                            name + " holds a key or a certificate; it must be the path of the file with it")
                    : misplaced(name);
        }
    }

    static InvalidSettingException misplaced(String name) {
        return new InvalidSettingException(
                name + " holds a URL, a user or a password; use REDIS_URL for those, which is never shown");
    }

    /**
     * @param value of a setting
     * @return what may be printed of it, on one line; nothing of a value that may be an address with a user or a password
     */
    public static String printable(String value) {
        if (value.contains("@") || SECRET.matcher(value).find()) {
            return "(not shown)";
        }
        return value.replaceAll("\\p{Cntrl}", "?");
    }

    /**
     * @return what was read so far, defaults and all, without secrets; in the order in which it was read
     */
    public Map<String, String> shown() {
        return Collections.unmodifiableMap(shown);
    }

    private Optional<String> raw(String name) {
        String value = source.apply(name);
        return value == null || value.isBlank() ? Optional.empty() : Optional.of(value.strip());
    }
}
