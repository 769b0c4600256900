package dev.taskqueue.broker.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tells what is new from what has been logged before, so that trouble that lasts is one line. Thread-safe. */
final class FirstTime {

    private static final int MOST = 1_000;

    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    /**
     * @return whether this is the first time, or the first in a long while
     */
    boolean of(String what) {
        if (seen.size() >= MOST) {
            seen.clear();
        }
        return seen.add(what);
    }
}
