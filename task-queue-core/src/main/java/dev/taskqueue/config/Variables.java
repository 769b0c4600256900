package dev.taskqueue.config;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads settings by name, checks each, and remembers what was read, so that it can be shown. A blank value counts as none.
 * Every method throws {@link InvalidSettingException} for a value that is not allowed. Not thread-safe.
 */
public final class Variables {

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
        shown.put(name, value.orElse(""));
        return value;
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
        String value = raw(name).orElse(fallback);
        shown.put(name, value);
        return value;
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
        return new InvalidSettingException(
                name + " is \"" + value.replaceAll("\\p{Cntrl}", "?") + "\"; it must be " + allowed);
    }

    /**
     * @return what was read so far, defaults and all, without secrets; in the order in which it was read
     */
    public Map<String, String> shown() {
        return Collections.unmodifiableMap(shown);
    }

    private Optional<String> raw(String name) {
        return Optional.ofNullable(source.apply(name)).map(String::strip).filter(value -> !value.isEmpty());
    }
}
