package dev.taskqueue.broker;

import java.time.Duration;

/** Checks settings: each that is out of range is named, with the range. */
final class Ranges {

    private Ranges() {}

    static int check(String name, long value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; allowed is " + min + " to " + max);
        }
        return (int) value;
    }

    static Duration check(String name, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(name + " is " + value + "; allowed is " + min + " to " + max);
        }
        return value;
    }
}
