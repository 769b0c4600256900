package dev.taskqueue.testing;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The values that every test uses which puts something into Redis or takes it out: what once broke a part, and what is
 * of the same kind. Each list is also a method source:
 * {@code @MethodSource("dev.taskqueue.testing.EvilValues#malformed")}. What handlers return and throw is in
 * {@link EvilOutcomes}.
 */
public final class EvilValues {

    /** The type of every task among {@link #runnable()}. */
    public static final String TYPE = "t";

    /** How deep a payload may nest. */
    public static final int DEPTH = 500;

    /** How large a task may be where no other limit is set. */
    public static final int TASK_BYTES = 1 << 20;

    private EvilValues() {}

    /**
     * One entry of a lane, of {@code scheduled}, or of a worker's list.
     *
     * @param name what it is, for a test's report
     * @param bytes the entry
     */
    public record Entry(String name, byte[] bytes) {

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * @return entries of every kind, each once
     */
    public static List<Entry> entries() {
        return Stream.concat(malformed().stream(), runnable().stream()).toList();
    }

    /**
     * @return entries that are no task: each must become a dead letter with its reason
     */
    public static List<Entry> malformed() {
        List<Entry> entries = new ArrayList<>();
        Stream.of(
                        "",
                        " ",
                        "\n\n",
                        "\0",
                        "nonsense",
                        "null",
                        "true",
                        "0",
                        "1e99999999999",
                        "\"{}\"",
                        "[]",
                        "[{\"type\":\"t\"}]",
                        "{",
                        "}",
                        "{}",
                        "{}{}",
                        "{\"type\"",
                        "{\"type\":\"t\"",
                        "{\"type\":\"t\",}",
                        "{\"type\":\"t\"}x",
                        "{\"type\":\"t\"}{\"type\":\"t\"}",
                        "{\"type\":\"t\"},",
                        "{\"type\":\"t\"}\0",
                        "{\"type\":\"t\"}\0\0\0\0",
                        "\0{\"type\":\"t\"}",
                        "{\"type\":\"t\"\0}",
                        "{'type':'t'}",
                        "{type:\"t\"}",
                        "{\"type\":\"t\"/* comment */}",
                        "{\"type\":\"t\",\"payload\":}",
                        "{\"type\":\"t\",\"payload\":[1,]}",
                        "{\"type\":\"t\",\"payload\":[1}",
                        "{\"type\":\"t\",\"payload\":\"raw\nline break\"}",
                        "{\"type\":\"t\",\"payload\":\"raw\0nul\"}",
                        "{\"type\":\"t\",\"payload\":\"\\x\"}",
                        "{\"type\":\"t\",\"payload\":\"\\u12g4\"}",
                        "{\"type\":\"t\",\"payload\":tru}",
                        "{\"type\":\"t\",\"payload\":True}",
                        "{\"payload\":1}",
                        "{\"Type\":\"t\"}",
                        "{\"type\":null}",
                        "{\"type\":\"t\",\"type\":null}",
                        "{\"type\":7}",
                        "{\"type\":1e99999999999}",
                        "{\"type\":{}}",
                        "{\"type\":[\"t\"]}",
                        "{\"type\":\"t\",\"id\":{}}",
                        "{\"type\":\"t\",\"id\":[]}",
                        "{\"type\":\"t\",\"id\":7}",
                        "{\"type\":\"t\",\"id\":1e99999999999}",
                        "{\"type\":\"t\",\"id\":false}",
                        "{\"type\":\"t\",\"idempotency_key\":{}}",
                        "{\"type\":\"t\",\"idempotency_key\":7}",
                        "{\"type\":\"t\",\"priority\":\"urgent\"}",
                        "{\"type\":\"t\",\"priority\":1}",
                        "{\"type\":\"t\",\"priority\":{}}",
                        "{\"type\":\"t\",\"unique\":\"k\"}",
                        "{\"type\":\"t\",\"unique\":{}}",
                        "{\"type\":\"t\",\"unique\":[]}",
                        "{\"type\":\"t\",\"unique\":{\"key\":{}}}",
                        "{\"type\":\"t\",\"unique\":{\"key\":\"k\",\"until\":1}}",
                        "{\"type\":\"t\",\"unique\":{\"key\":\"k\",\"or_else\":\"x\"}}",
                        "{\"type\":\"t\",\"unique\":{\"key\":\"k\",\"ttl_ms\":-1}}",
                        "{\"type\":\"t\",\"last_error\":{}}",
                        "{\"type\":\"t\",\"last_error\":1e99999999999}")
                .forEach(text -> entries.add(entry(text)));
        illegalNumbers().forEach(number -> entries.add(entry("{\"type\":\"t\",\"payload\":" + number + "}")));
        for (String field : List.of("retry", "max_retries", "created_at", "timeout_ms", "run_at", "expires_at")) {
            Stream.of("\"1\"", "{}", "[1]", "true", "1.5", "-1", "1e1", "9223372036854775808", "-9223372036854775809")
                    .forEach(value -> entries.add(entry("{\"type\":\"t\",\"" + field + "\":" + value + "}")));
            hugeNumbers().forEach(value -> entries.add(entry("{\"type\":\"t\",\"" + field + "\":" + value + "}")));
        }
        entries.add(entry("{\"type\":\"t\",\"retry\":2147483648}"));
        entries.add(entry("{\"type\":\"t\",\"max_retries\":10001}"));
        entries.add(entry("{\"type\":\"t\",\"timeout_ms\":0}"));
        entries.add(entry("{\"type\":\"t\",\"timeout_ms\":9223372036854775807}"));
        for (String field : List.of("run_at", "expires_at")) {
            entries.add(entry("{\"type\":\"t\",\"" + field + "\":253402300800000}"));
            entries.add(entry("{\"type\":\"t\",\"" + field + "\":9223372036854775807}"));
        }
        for (String field : List.of("id", "type", "idempotency_key")) {
            illegalNames()
                    .forEach(name -> entries.add(entry("{\"type\":\"t\",\"" + field + "\":" + quote(name) + "}")));
        }
        String deepest = nested(DEPTH + 1);
        entries.add(new Entry("payload nested once too deep", task(deepest)));
        entries.add(new Entry(
                "unknown field nested once too deep", ("{\"type\":\"t\",\"x\":" + deepest + "}").getBytes(UTF_8)));
        entries.add(new Entry("objects nested once too deep", task(nestedObjects(DEPTH + 1))));
        entries.add(new Entry("payload nested 100,000 deep", task(nested(100_000))));
        entries.add(new Entry("100,000 opening brackets", "[".repeat(100_000).getBytes(UTF_8)));
        entries.add(new Entry(
                "100,000 opening objects", "{\"type\":".repeat(100_000).getBytes(UTF_8)));
        entries.add(new Entry("twice as large as allowed", task("\"" + "x".repeat(2 * TASK_BYTES) + "\"")));
        entries.addAll(otherEncodings());
        entries.addAll(invalidUtf8());
        entries.addAll(noise());
        return entries;
    }

    /**
     * @return entries that are odd, and tasks all the same: each must run, with the very bytes of its payload
     */
    public static List<Entry> runnable() {
        List<Entry> entries = new ArrayList<>();
        Stream.of(
                        "{\"type\":\"t\"}",
                        "  {\"type\":\"t\"}",
                        "\n{\"type\":\"t\"}\r\n\t ",
                        " { \"type\" : \"t\" , \"payload\" : [ 1 , 2 ] } ",
                        "\uFEFF{\"type\":\"t\"}",
                        "{\"\\u0074ype\":\"\\u0074\"}",
                        "{\"type\":\"x\",\"type\":\"t\"}",
                        "{\"type\":7,\"type\":\"t\"}",
                        "{\"type\":\"t\",\"payload\":1,\"payload\":2}",
                        "{\"type\":\"t\",\"x\":1,\"x\":2,\"x\":1}",
                        "{\"type\":\"t\",\"payload\":{\"a\":1,\"a\":2}}",
                        "{\"type\":\"t\",\"retry\":1e99999999999,\"retry\":0}",
                        "{\"type\":\"t\",\"retry\":null,\"max_retries\":null,\"created_at\":null,\"timeout_ms\":null,"
                                + "\"id\":null,\"idempotency_key\":null,\"priority\":null,\"last_error\":null,"
                                + "\"run_at\":null,\"expires_at\":null}",
                        "{\"type\":\"t\",\"run_at\":0}",
                        "{\"type\":\"t\",\"run_at\":1700000000000}",
                        "{\"type\":\"t\",\"run_at\":1e99999999999,\"run_at\":0}",
                        "{\"type\":\"t\",\"expires_at\":253402300799999}",
                        "{\"type\":\"t\",\"retry\":-0}",
                        "{\"type\":\"t\",\"retry\":2147483647}",
                        "{\"type\":\"t\",\"created_at\":9223372036854775807}",
                        "{\"type\":\"t\",\"created_at\":0}",
                        "{\"type\":\"t\",\"reason\":\"malformed\",\"died_at\":1e99999999999}",
                        "{\"type\":\"t\",\"\":\"\"}",
                        "{\"type\":\"t\",\"\\ud83d\":\"\\ude00\"}",
                        "{\"type\":\"t\",\"\\u0000\":\"\\u0000\"}",
                        "{\"type\":\"t\",\"raw_base64\":\"AAAA\"}",
                        "{\"type\":\"t\",\"payload\":{}}",
                        "{\"type\":\"t\",\"payload\":{\"list\":[],\"object\":{},\"nil\":null}}",
                        "{\"type\":\"t\",\"payload\":{\"@class\":\"java.lang.Runtime\"}}",
                        "{\"type\":\"t\",\"payload\":[\"java.lang.Runtime\",{}]}",
                        "{\"type\":\"t\",\"payload\":{\"__proto__\":{\"type\":7}}}",
                        "{\"type\":\"t\",\"payload\":{\"state\":\"succeeded\"}}",
                        "{\"type\":\"t\",\"state\":\"succeeded\"}")
                .forEach(text -> entries.add(entry(text)));
        for (String number : numbers()) {
            entries.add(entry("{\"type\":\"t\",\"payload\":" + number + "}"));
            entries.add(entry("{\"type\":\"t\",\"payload\":{\"a\":[" + number + "]}}"));
            entries.add(entry("{\"type\":\"t\",\"x\":" + number + "}"));
        }
        for (String string : strings()) {
            entries.add(entry("{\"type\":\"t\",\"payload\":" + quote(string) + "}"));
            entries.add(entry("{\"type\":\"t\",\"last_error\":" + quote(string) + "}"));
            entries.add(entry("{\"type\":\"t\",\"payload\":{" + quote(string) + ":1}," + quote("x" + string) + ":1}"));
        }
        names().forEach(name -> entries.add(entry("{\"type\":\"t\",\"id\":" + quote(name) + "}")));
        names().forEach(name -> entries.add(entry("{\"type\":\"t\",\"idempotency_key\":" + quote(name) + "}")));
        entries.add(new Entry("payload nested as deep as allowed", task(nested(DEPTH))));
        entries.add(new Entry("objects nested as deep as allowed", task(nestedObjects(DEPTH))));
        entries.add(new Entry(
                "unknown field nested as deep as allowed",
                ("{\"type\":\"t\",\"x\":" + nested(DEPTH) + "}").getBytes(UTF_8)));
        entries.add(new Entry("20,000 unknown fields", manyFields(20_000).getBytes(UTF_8)));
        entries.add(new Entry("payload of 100,000 numbers", task("[" + "1e9,".repeat(99_999) + "1e9]")));
        entries.add(new Entry("as large as allowed", task("\"" + "x".repeat(TASK_BYTES - task("\"\"").length) + "\"")));
        return entries;
    }

    /**
     * @return JSON numbers, all of them legal
     */
    public static List<String> numbers() {
        List<String> numbers = new ArrayList<>(List.of(
                "0",
                "-0",
                "-0.0",
                "0.0",
                "100.00",
                "1e9",
                "1E9",
                "1E+9",
                "1e-9",
                "0.1e1",
                "1.10",
                "1E400",
                "1e-400",
                "5e-324",
                "1.7976931348623157e309",
                "2147483648",
                "9007199254740993",
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775809",
                "123456789012345678901234567890"));
        numbers.addAll(hugeNumbers());
        return numbers;
    }

    /** Numbers that a converter refuses, overflows at, or takes long for. */
    private static List<String> hugeNumbers() {
        return List.of(
                "1e99999999999",
                "-1e99999999999",
                "1e-99999999999",
                "0e2147483648",
                "0e-2147483649",
                "10e2147483647",
                "1e2147483647",
                "1e2147483648",
                "1e-2147483648",
                "0.1e-2147483647",
                "1e9223372036854775808",
                "1" + "0".repeat(1_500),
                "-" + "7".repeat(1_500) + "." + "3".repeat(1_500),
                "1e" + "9".repeat(1_500));
    }

    /**
     * @return what looks like a number and is none in JSON
     */
    public static List<String> illegalNumbers() {
        return List.of(
                "NaN", "Infinity", "-Infinity", "01", "-01", "+1", "1.", ".5", "-", "--1", "1e", "1e+", "0x10", "1_0");
    }

    /**
     * @return strings that have to survive as a payload, a result, an error, the name of a field
     */
    public static List<String> strings() {
        return List.of(
                "",
                " ",
                "\0",
                "a\0b",
                "\uD83D",
                "\uDE00",
                "\uDE00\uD83D",
                "cut \uD83D",
                "\uDE00 cut",
                "\uD83D\uDE00",
                "\uD83D\uD83D\uDE00",
                "\n\r\t\b\f\u000b",
                "\u001b[31mred",
                "\u007f\u0080\u0085\u009f",
                "\"",
                "\\",
                "\\\"",
                "\\ud83d",
                "'",
                "\"}",
                "\",\"state\":\"succeeded\",\"x\":\"",
                "\"state\":\"succeeded\"",
                "{\"state\":\"succeeded\"}",
                "\u202eright to left\u202c",
                "\u05e9\u05dc\u05d5\u05dd",
                "\u2028\u2029",
                "\ufeff",
                "\ufffd",
                "\uffff",
                "e\u0301",
                "\u00e9",
                "%s%n%d",
                "{}",
                "${jndi:ldap://localhost/x}",
                "</script><script>alert(1)</script>",
                "'; DROP TABLE tasks; --",
                "\r\nSET x 1\r\n",
                "$-1\r\n",
                "x".repeat(60_000),
                "\0".repeat(3_000),
                "\uD83D\uDE00".repeat(5_000),
                "x" + "\uD83D\uDE00".repeat(5_000),
                "\uD83D".repeat(3_000),
                "\"".repeat(5_000));
    }

    /**
     * @return ids, types and idempotency keys that are odd and allowed
     */
    public static List<String> names() {
        return List.of(
                "\"",
                "\\",
                "'",
                ":",
                "a:b",
                "a b",
                " x ",
                "*",
                "?",
                "[a]",
                "{q}",
                "%s",
                "null",
                "0",
                "-1",
                "__proto__",
                "done:x",
                "run:x:y:z",
                "task:x",
                "\"state\":\"succeeded\"",
                "\u00e9",
                "\uD83D\uDE00",
                "\u202eabc",
                "x\u2028",
                "\ufeffx",
                "x".repeat(128),
                "\uD83D\uDE00".repeat(64));
    }

    /**
     * @return ids, types and idempotency keys that are refused
     */
    public static List<String> illegalNames() {
        return List.of(
                "",
                " ",
                "\t",
                "\u2003",
                "\0",
                "a\nb",
                "a\r\nb",
                "\u001b",
                "\u007f",
                "\u0085x",
                "\uD83D",
                "\uDE00",
                "\uDE00\uD83D",
                "x\uD83D",
                "x".repeat(257),
                "x".repeat(60_000));
    }

    /**
     * @return names of queues that are refused: each could be read as a key of another queue, or has no place in a setting
     */
    public static List<String> illegalQueueNames() {
        List<String> names = new ArrayList<>(List.of(
                "",
                " ",
                "a b",
                "a\tb",
                "a\nb",
                "a\0b",
                "{a}",
                "a{b",
                "a}b",
                "a/b",
                "a,b",
                "a=b",
                "a~b",
                "a~0",
                "\uD83D",
                "x".repeat(129)));
        Stream.of(
                        "high",
                        "low",
                        "processing",
                        "workers",
                        "silence",
                        "format",
                        "scheduled",
                        "dead",
                        "idempotency",
                        "task",
                        "recoveries",
                        "paused",
                        "cron",
                        "unique",
                        "waiting",
                        "cancelled",
                        "key",
                        "ring",
                        "blocked",
                        "slots",
                        "batch",
                        "history",
                        "recent")
                .flatMap(part -> Stream.of("a:" + part, "a:" + part + ":x", "a:b:" + part, "a:" + part + ":high"))
                .forEach(names::add);
        return names;
    }

    /**
     * @param levels how many
     * @return arrays in one another
     */
    public static String nested(int levels) {
        return "[".repeat(levels) + "]".repeat(levels);
    }

    /**
     * @param string any text, half surrogates included
     * @return the text as a JSON string of ASCII alone
     */
    public static String quote(String string) {
        return string.chars()
                .mapToObj(c -> c < ' ' || c > '~' || c == '"' || c == '\\' ? "\\u%04x".formatted(c) : "" + (char) c)
                .collect(Collectors.joining("", "\"", "\""));
    }

    private static String nestedObjects(int levels) {
        return "{\"a\":".repeat(levels - 1) + "{}" + "}".repeat(levels - 1);
    }

    private static String manyFields(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ",\"field" + i + "\":" + i)
                .collect(Collectors.joining("", "{\"type\":\"t\"", "}"));
    }

    private static List<Entry> otherEncodings() {
        List<Entry> entries = new ArrayList<>();
        String text = "{\"type\":\"t\"}";
        for (Charset charset : List.of(UTF_16BE, UTF_16LE, Charset.forName("UTF-32BE"), Charset.forName("UTF-32LE"))) {
            entries.add(new Entry(charset.name(), text.getBytes(charset)));
            entries.add(new Entry(charset.name() + " with a byte order mark", ("\uFEFF" + text).getBytes(charset)));
        }
        entries.add(new Entry("two byte order marks", ("\uFEFF\uFEFF" + text).getBytes(UTF_8)));
        entries.add(new Entry("a byte order mark alone", "\uFEFF".getBytes(UTF_8)));
        entries.add(new Entry("a byte order mark inside", "{\"type\":\"t\",\"payload\":\uFEFF1}".getBytes(UTF_8)));
        return entries;
    }

    private static List<Entry> invalidUtf8() {
        List<Entry> entries = new ArrayList<>();
        for (int[] bytes : new int[][] {
            {0x80},
            {0xbf},
            {0xc0, 0x80},
            {0xc1, 0xbf},
            {0xc3},
            {0xc3, '('},
            {0xe0, 0x80, 0x80},
            {0xe2, 0x82},
            {0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80},
            {0xed, 0xa0, 0xbd},
            {0xf0, 0x80, 0x80, 0x80},
            {0xf0, 0x9f, 0x98},
            {0xf4, 0x90, 0x80, 0x80},
            {0xf8, 0x88, 0x80, 0x80, 0x80},
            {0xfe},
            {0xff}
        }) {
            String name = "not UTF-8: "
                    + IntStream.of(bytes).mapToObj(Integer::toHexString).collect(Collectors.joining(" "));
            entries.add(new Entry(name, bytes("", bytes, "")));
            entries.add(new Entry(name + " in the type", bytes("{\"type\":\"t", bytes, "\"}")));
            entries.add(new Entry(name + " in the payload", bytes("{\"type\":\"t\",\"payload\":\"", bytes, "\"}")));
            entries.add(new Entry(
                    name + " deep in the payload", bytes("{\"type\":\"t\",\"payload\":[{\"a\":\"", bytes, "\"}]}")));
            entries.add(new Entry(
                    name + " in a name in the payload", bytes("{\"type\":\"t\",\"payload\":{\"", bytes, "\":1}}")));
            entries.add(new Entry(name + " in an unknown field", bytes("{\"type\":\"t\",\"x\":\"", bytes, "\"}")));
            entries.add(new Entry(name + " in the name of a field", bytes("{\"type\":\"t\",\"", bytes, "\":1}")));
            entries.add(new Entry(name + " after the end", bytes("{\"type\":\"t\"}", bytes, "")));
        }
        return entries;
    }

    private static List<Entry> noise() {
        Random random = new Random(9);
        return IntStream.range(0, 8)
                .mapToObj(i -> {
                    byte[] bytes = new byte[1 << i];
                    random.nextBytes(bytes);
                    return new Entry(bytes.length + " random bytes", bytes);
                })
                .toList();
    }

    private static byte[] bytes(String before, int[] bytes, String after) {
        byte[] all = new byte[before.length() + bytes.length + after.length()];
        System.arraycopy(before.getBytes(UTF_8), 0, all, 0, before.length());
        for (int i = 0; i < bytes.length; i++) {
            all[before.length() + i] = (byte) bytes[i];
        }
        System.arraycopy(after.getBytes(UTF_8), 0, all, before.length() + bytes.length, after.length());
        return all;
    }

    private static byte[] task(String payload) {
        return ("{\"type\":\"t\",\"payload\":" + payload + "}").getBytes(UTF_8);
    }

    private static Entry entry(String text) {
        String name = text.length() <= 80 ? text : text.substring(0, 80) + "… (" + text.length() + ")";
        return new Entry(quote(name), text.getBytes(UTF_8));
    }
}
