package dev.taskqueue.broker;

import static dev.taskqueue.broker.Bytes.bytes;

import dev.taskqueue.Priority;
import java.util.ArrayList;
import java.util.List;

/** How scripts are told of lanes: all three among the keys, in the order normal, high, low; and a number for one of them. */
final class Lanes {

    private static final byte[] NORMAL = bytes(1);
    private static final byte[] HIGH = bytes(2);
    private static final byte[] LOW = bytes(3);

    private Lanes() {}

    /** The keys given, then the three lanes; the list may grow. */
    static List<byte[]> keysAfter(Keys keys, byte[]... first) {
        List<byte[]> all = new ArrayList<>(List.of(first));
        all.add(keys.normal);
        all.add(keys.high);
        all.add(keys.low);
        return all;
    }

    /** The number of a lane: 1 normal, 2 high, 3 low. */
    static byte[] argument(Priority priority) {
        return switch (priority) {
            case NORMAL -> NORMAL;
            case HIGH -> HIGH;
            case LOW -> LOW;
        };
    }
}
