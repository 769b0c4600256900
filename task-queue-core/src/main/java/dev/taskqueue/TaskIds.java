package dev.taskqueue;

import java.util.concurrent.ThreadLocalRandom;

/** Makes UUIDv7 text: it sorts by time, and no two producers need to talk to each other. */
final class TaskIds {

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private TaskIds() {}

    // Not SecureRandom: an id must be unique, not secret, and this is on the path of every enqueue.
    static String next(long epochMillis) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = epochMillis << 16 | 0x7000L | random.nextInt(1 << 12);
        long low = random.nextLong() >>> 2 | 1L << 63;
        char[] text = new char[36];
        for (int i = 0, nibble = 0; i < text.length; i++) {
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                text[i] = '-';
            } else {
                long half = nibble < 16 ? high : low;
                text[i] = HEX[(int) (half >>> (60 - 4 * (nibble & 15))) & 15];
                nibble++;
            }
        }
        return new String(text);
    }
}
