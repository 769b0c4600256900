package dev.taskqueue.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes up JSON, tasks, and what is nearly either, with the values of {@link EvilValues} in all places. */
public final class RandomEntries {

    private static final List<String> NUMBERS = EvilValues.numbers();
    private static final List<String> ILLEGAL_NUMBERS = EvilValues.illegalNumbers();
    private static final List<String> NAMES = EvilValues.names();
    private static final List<String> STRINGS =
            EvilValues.strings().stream().filter(text -> text.length() < 100).toList();
    private static final List<String> LONG_STRINGS = EvilValues.strings();
    private static final List<byte[]> ENTRIES = EvilValues.entries().stream()
            .map(EvilValues.Entry::bytes)
            .filter(bytes -> bytes.length < 2_000)
            .toList();
    private static final List<String> FIELDS = List.of(
            "id",
            "type",
            "payload",
            "retry",
            "max_retries",
            "idempotency_key",
            "priority",
            "created_at",
            "timeout_ms",
            "run_at",
            "expires_at",
            "last_error",
            "reason",
            "died_at",
            "state",
            "since",
            "attempts",
            "run_ms",
            "delay_ms",
            "worker",
            "result",
            "result_error",
            "trace");
    private static final String[] BLANKS = {" ", "\n", "\r", "\t", "  ", "\n\n    "};

    private RandomEntries() {}

    private static <T> T any(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    /**
     * @param random where chance comes from
     * @return some JSON value, of any kind
     */
    public static String json(Random random) {
        StringBuilder text = new StringBuilder();
        value(random, text, 1 + random.nextInt(4));
        return text.toString();
    }

    /**
     * @param random where chance comes from
     * @return an entry that is a task of type {@link EvilValues#TYPE}
     */
    public static byte[] task(Random random) {
        StringBuilder text = new StringBuilder("{\"type\":\"t\"");
        if (random.nextBoolean()) {
            text.append(",\"id\":").append(EvilValues.quote(any(random, NAMES)));
        }
        if (random.nextBoolean()) {
            text.append(",\"retry\":").append(random.nextInt() >>> 1);
        }
        if (random.nextInt(4) == 0) {
            text.append(",\"last_error\":");
            string(random, text);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            text.append(",\"x").append(random.nextInt(3)).append("\":");
            value(random, text, 3);
        }
        if (random.nextInt(8) > 0) {
            blank(random, text);
            text.append(",\"payload\":");
            blank(random, text);
            value(random, text, 1 + random.nextInt(5));
            blank(random, text);
        }
        return text.append('}').toString().getBytes(UTF_8);
    }

    /**
     * @param random where chance comes from
     * @return anything: noise, an object with the fields of a task or a status, or a task with some bytes changed
     */
    public static byte[] entry(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> noise(random);
            case 1 -> json(random).getBytes(UTF_8);
            case 2, 3 -> object(random).getBytes(UTF_8);
            case 4 -> mutated(random, any(random, ENTRIES));
            case 5 -> mutated(random, object(random).getBytes(UTF_8));
            default -> mutated(random, task(random));
        };
    }

    /**
     * @param random where chance comes from
     * @return text of any chars, now and then long, with half surrogates in it
     */
    public static String text(Random random) {
        if (random.nextInt(4) > 0) {
            return any(random, random.nextInt(64) == 0 ? LONG_STRINGS : STRINGS);
        }
        char[] chars = new char[random.nextInt(random.nextInt(16) == 0 ? 3_000 : 20)];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = (char)
                    switch (random.nextInt(6)) {
                        case 0 -> random.nextInt(0x20);
                        case 1 -> 0xd800 + random.nextInt(0x800);
                        case 2 -> random.nextInt(0x10000);
                        default -> 0x20 + random.nextInt(0x60);
                    };
        }
        return new String(chars);
    }

    private static byte[] noise(Random random) {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        if (random.nextBoolean()) {
            byte[] alphabet = "{}[]\",:\\u0129eE+-.tfn \n\0\u00e9".getBytes(UTF_8);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[(bytes[i] & 0xff) % alphabet.length];
            }
        }
        return bytes;
    }

    private static String object(Random random) {
        StringBuilder text = new StringBuilder("{");
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(EvilValues.quote(any(random, FIELDS))).append(':');
            if (random.nextInt(3) == 0) {
                text.append(random.nextInt(4) == 0 ? any(random, ILLEGAL_NUMBERS) : any(random, NUMBERS));
            } else {
                value(random, text, 2);
            }
            text.append(',');
        }
        return text.append("\"type\":\"t\"}").toString();
    }

    private static byte[] mutated(Random random, byte[] bytes) {
        byte[] changed = bytes.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(changed.length + 1);
            int length = Math.min(changed.length - at, random.nextInt(6));
            switch (random.nextInt(4)) {
                case 0 -> changed = splice(changed, at, at + length, new byte[0]);
                case 1 -> changed = splice(changed, at, at, Arrays.copyOfRange(changed, at, at + length));
                case 2 -> changed = splice(changed, at, at + Math.min(1, length), noise(random));
                default -> {
                    if (at < changed.length) {
                        changed[at] ^= (byte) (1 << random.nextInt(8));
                    }
                }
            }
        }
        return changed;
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] with) {
        byte[] spliced = Arrays.copyOf(bytes, bytes.length - (to - from) + with.length);
        System.arraycopy(with, 0, spliced, from, with.length);
        System.arraycopy(bytes, to, spliced, from + with.length, bytes.length - to);
        return spliced;
    }

    private static void value(Random random, StringBuilder text, int depth) {
        switch (random.nextInt(depth > 0 ? 9 : 6)) {
            case 0 -> text.append(any(random, List.of("null", "true", "false")));
            case 1, 2 -> number(random, text);
            case 3, 4, 5 -> string(random, text);
            case 6 -> {
                text.append('[');
                int count = random.nextInt(4);
                for (int i = 0; i < count; i++) {
                    text.append(i == 0 ? "" : ",");
                    blank(random, text);
                    value(random, text, depth - 1);
                    blank(random, text);
                }
                text.append(']');
            }
            case 7 -> {
                text.append('{');
                int count = random.nextInt(4);
                for (int i = 0; i < count; i++) {
                    text.append(i == 0 ? "" : ",");
                    blank(random, text);
                    string(random, text);
                    blank(random, text);
                    text.append(':');
                    blank(random, text);
                    value(random, text, depth - 1);
                    blank(random, text);
                }
                text.append('}');
            }
            default -> {
                int levels = random.nextInt(random.nextInt(16) == 0 ? 90 : 6);
                text.append("[".repeat(levels));
                value(random, text, depth - 1);
                text.append("]".repeat(levels));
            }
        }
    }

    private static void number(Random random, StringBuilder text) {
        if (random.nextBoolean()) {
            text.append(any(random, NUMBERS));
            return;
        }
        text.append(random.nextBoolean() ? "-" : "").append(random.nextInt(1 << random.nextInt(20)));
        if (random.nextBoolean()) {
            text.append('.').append(random.nextInt(1_000));
        }
        if (random.nextBoolean()) {
            text.append(random.nextBoolean() ? 'e' : 'E')
                    .append(any(random, List.of("", "+", "-")))
                    .append(random.nextLong() >>> 1 + random.nextInt(62));
        }
    }

    /** Some of its chars as escapes, those that must be and others. */
    private static void string(Random random, StringBuilder text) {
        String string = text(random);
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < string.length()
                    && Character.isLowSurrogate(string.charAt(i + 1));
            if (pair && random.nextBoolean()) {
                text.append(c).append(string.charAt(++i));
            } else if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c) || random.nextInt(32) == 0) {
                text.append(random.nextBoolean() ? "\\u%04x".formatted((int) c) : "\\u%04X".formatted((int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    private static void blank(Random random, StringBuilder text) {
        if (random.nextInt(4) == 0) {
            text.append(BLANKS[random.nextInt(BLANKS.length)]);
        }
    }
}
