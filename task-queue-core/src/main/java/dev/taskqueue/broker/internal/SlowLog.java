package dev.taskqueue.broker.internal;

import dev.taskqueue.Finding;
import dev.taskqueue.Finding.Code;
import dev.taskqueue.Finding.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.commands.ProtocolCommand;

/** Which scripts and commands were slow lately, as Redis' slow log tells. Nothing of their arguments is told. */
final class SlowLog {

    /** What Redis keeps where nobody sets it. */
    private static final int ENTRIES = 128;

    private static final Duration LATELY = Duration.ofHours(1);

    /** All else waits meanwhile: an idle worker's pick-up, which takes a millisecond, is late by this. In µs. */
    private static final long SLOW = 50_000;

    /** One that is so long, or three shorter ones, are more than a hiccup of the machine. In µs. */
    private static final long VERY_SLOW = 1_000_000;

    private static final int OFTEN = 3;

    /** Not among the client's own commands: it is for servers, and the usual user may not call it. */
    private static final ProtocolCommand COMMAND = () -> Bytes.bytes("SLOWLOG");

    private final Redis redis;

    SlowLog(Redis redis) {
        this.redis = redis;
    }

    List<Finding> findings() {
        CommandArguments get = new CommandArguments(COMMAND).add("GET").add(ENTRIES);
        List<Object> entries = redis.command("slowlog", Bytes::mixedList, get);
        Map<String, long[]> scripts = new TreeMap<>();
        Map<String, long[]> others = new TreeMap<>();
        // By this machine's clock; if that is wrong, the finding about clocks says so.
        long since = Instant.now().minus(LATELY).getEpochSecond();
        for (Object entry : entries) {
            List<Object> fields = Bytes.mixedList(entry);
            long took = Bytes.number(fields.get(2));
            if (took >= SLOW && Bytes.number(fields.get(1)) >= since) {
                List<byte[]> words = Bytes.list(fields.get(3));
                Optional<String> script = script(words);
                long[] seen = (script.isPresent() ? scripts : others)
                        .computeIfAbsent(script.orElseGet(() -> command(words)), name -> new long[2]);
                seen[0]++;
                seen[1] = Math.max(seen[1], took);
            }
        }
        return Stream.concat(
                        finding(
                                Code.SLOW_SCRIPTS,
                                "Scripts of the queue",
                                scripts,
                                "Look for a machine that is busy or swaps, for slow disks with appendfsync always, and for entries "
                                        + "of many megabytes.")
                                .stream(),
                        finding(
                                Code.SLOW_COMMANDS,
                                "Commands",
                                others,
                                "SLOWLOG GET shows who sent what; move what is not a queue to another Redis.")
                                .stream())
                .toList();
    }

    private static Optional<String> script(List<byte[]> words) {
        boolean runs = words.size() > 1 && command(words).matches("EVAL(SHA)?(_RO)?");
        return runs
                ? Arrays.stream(Script.values())
                        .filter(script -> Arrays.equals(script.sha(), words.get(1)))
                        .map(script -> script.what)
                        .findFirst()
                : Optional.empty();
    }

    private static String command(List<byte[]> words) {
        return words.isEmpty() ? "" : Wording.line(Bytes.text(words.get(0))).toUpperCase(Locale.ROOT);
    }

    private static Optional<Finding> finding(Code code, String what, Map<String, long[]> slow, String todo) {
        if (slow.isEmpty()) {
            return Optional.empty();
        }
        String names = slow.entrySet().stream()
                .map(entry -> entry.getKey() + " (" + entry.getValue()[0]
                        + (entry.getValue()[0] == 1 ? " time, " : " times, ") + entry.getValue()[1] / 1_000
                        + " ms at most)")
                .collect(Collectors.joining(", "));
        boolean often = slow.values().stream().mapToLong(seen -> seen[0]).sum() >= OFTEN
                || slow.values().stream().anyMatch(seen -> seen[1] >= VERY_SLOW);
        return Optional.of(new Finding(
                often ? Severity.WARNING : Severity.INFO,
                code,
                Optional.empty(),
                what + " took 50 ms or longer in the last hour: " + names + ".",
                "Redis does one thing at a time: all workers and producers waited meanwhile.",
                todo));
    }
}
