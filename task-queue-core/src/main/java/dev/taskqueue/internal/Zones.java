package dev.taskqueue.internal;

import dev.taskqueue.InvalidTaskException;
import java.time.DateTimeException;
import java.time.ZoneId;

/** Time zones by name. */
public final class Zones {

    private static final int NAME_LENGTH = 64;

    private Zones() {}

    /**
     * @param name such as {@code Europe/Berlin}, {@code UTC} or {@code +02:00}
     * @return the zone
     * @throws InvalidTaskException if there is none of that name
     */
    public static ZoneId parse(String name) {
        TaskLimits.checkName("zone", name, NAME_LENGTH);
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new InvalidTaskException(
                    "zone is " + TaskLimits.quote(name)
                            + "; it must be a time zone such as UTC, Europe/Berlin or +02:00",
                    e);
        }
    }
}
