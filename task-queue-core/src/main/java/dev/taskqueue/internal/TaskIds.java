package dev.taskqueue.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes ULIDs (github.com/ulid/spec): they sort by time, and no two producers need to talk to each other. Beside UUIDv7, which
 * says the same in 36 characters, each queued task takes 26 bytes less of Redis, as its id stands in its entry and in a key.
 */
public final class TaskIds {

    /** Crockford's base 32, which leaves out I, L, O and U; in the order of the characters. */
    private static final byte[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".getBytes(ISO_8859_1);

    private static final int BITS = 5;
    private static final int LENGTH = 26;
    private static final int TIME_LENGTH = 10;

    private static final byte[] VALUES = new byte[128];

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (byte value = 0; value < DIGITS.length; value++) {
            VALUES[DIGITS[value]] = value;
        }
    }

    private TaskIds() {}

    /**
     * @param epochMillis the time that it tells, from 0 to 2⁴⁸ − 1 ms
     * @return 26 characters
     */
    // Not SecureRandom: an id must be unique, not secret, and this is on the path of every enqueue.
    public static String next(long epochMillis) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        byte[] text = new byte[LENGTH];
        write(text, 0, TIME_LENGTH, epochMillis);
        write(text, TIME_LENGTH, 18, random.nextLong());
        write(text, 18, LENGTH, random.nextLong());
        return new String(text, ISO_8859_1);
    }

    private static void write(byte[] text, int from, int to, long bits) {
        long rest = bits;
        for (int i = to - 1; i >= from; i--) {
            text[i] = DIGITS[(int) rest & 31];
            rest >>>= BITS;
        }
    }

    /**
     * @param id the id of any task
     * @return the ms since the epoch that it tells, if it is of the form that is made here
     */
    public static OptionalLong time(String id) {
        long time = id.length() == LENGTH ? read(id) : -1;
        return time < 0 ? OptionalLong.empty() : OptionalLong.of(time);
    }

    /**
     * @param id the id of any task
     * @param epochMillis a time, 0 or later
     * @return whether {@link #time} of the id is that
     */
    public static boolean tells(String id, long epochMillis) {
        return id.length() == LENGTH && epochMillis >= 0 && read(id) == epochMillis;
    }

    private static long read(String id) {
        long time = 0;
        for (int i = 0; i < TIME_LENGTH; i++) {
            char digit = id.charAt(i);
            int value = digit < VALUES.length ? VALUES[digit] : -1;
            if (value < 0) {
                return -1;
            }
            time = time << BITS | value;
        }
        return time;
    }
}
