package dev.taskqueue.broker.internal;

import java.time.Duration;

/** Checks settings: each that is out of range is named, with the range. */
public final class Ranges {

    private Ranges() {}

    /**
     * @param name of the setting
     * @return the value
     * @throws IllegalArgumentException if it is out of range
     */
    public static int check(String name, long value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; allowed is " + min + " to " + max);
        }
        return (int) value;
    }

    /**
     * @param name of the setting
     * @return the value
     * @throws IllegalArgumentException if it is null or out of range
     */
    public static Duration check(String name, Duration value, Duration min, Duration max) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is null; allowed is " + min + " to " + max);
        }
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(name + " is " + value + "; allowed is " + min + " to " + max);
        }
        return value;
    }
}
