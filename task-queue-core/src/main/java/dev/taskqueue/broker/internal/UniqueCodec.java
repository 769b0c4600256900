package dev.taskqueue.broker.internal;

import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.RawJson;
import dev.taskqueue.Unique;
import dev.taskqueue.internal.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The field {@code unique} of a task. */
final class UniqueCodec {

    private static final byte[] KEY = JsonWriter.name("key");
    private static final byte[] UNTIL = JsonWriter.name("until");
    private static final byte[] OR_ELSE = JsonWriter.name("or_else");
    private static final byte[] TTL_MS = JsonWriter.name("ttl_ms");
    private static final byte[] FREED = JsonWriter.name("freed");
    private static final RawJson TRUE = RawJson.parse("true");
    private static final RawJson FALSE = RawJson.parse("false");

    private UniqueCodec() {}

    static RawJson write(Unique unique) {
        JsonWriter json = new JsonWriter(80 + unique.key().length())
                .field(KEY, unique.key())
                .field(UNTIL, name(unique.until()))
                .field(OR_ELSE, name(unique.orElse()));
        if (unique.ttl() != null) {
            json.field(TTL_MS, unique.ttl().toMillis());
        }
        if (unique.freed()) {
            json.field(FREED, TRUE);
        }
        return RawJson.parse(json.toBytes());
    }

    /**
     * @throws InvalidTaskException if it is no object, or holds what is not allowed
     */
    static Unique read(RawJson value) {
        byte[] text = new byte[value.size()];
        value.copyTo(text, 0);
        if (text[0] != '{') {
            throw new InvalidTaskException("unique is " + WireValues.shown(value) + "; it must be an object");
        }
        Map<String, RawJson> fields = new HashMap<>();
        RawJson.readMembers(text, (name, member) -> {
            if (member.isNull()) {
                fields.remove(name);
            } else {
                fields.put(name, member);
            }
        });
        RawJson ttl = fields.get("ttl_ms");
        RawJson freed = fields.getOrDefault("freed", FALSE);
        if (!freed.equals(TRUE) && !freed.equals(FALSE)) {
            throw new InvalidTaskException("unique.freed is " + WireValues.shown(freed) + "; it must be true or false");
        }
        return new Unique(
                WireValues.text("unique.key", fields.getOrDefault("key", RawJson.NULL)),
                choice("unique.until", fields.get("until"), Unique.Until.END),
                choice("unique.or_else", fields.get("or_else"), Unique.OrElse.REJECT),
                ttl == null ? null : Duration.ofMillis(WireValues.integer("unique.ttl_ms", ttl)),
                freed.equals(TRUE));
    }

    private static <E extends Enum<E>> E choice(String field, RawJson value, E byDefault) {
        if (value == null) {
            return byDefault;
        }
        String text = WireValues.text(field, value);
        E[] choices = byDefault.getDeclaringClass().getEnumConstants();
        return Arrays.stream(choices)
                .filter(choice -> name(choice).equals(text))
                .findFirst()
                .orElseThrow(() -> new InvalidTaskException(field + " is " + WireValues.shown(value) + "; allowed is "
                        + Arrays.stream(choices).map(UniqueCodec::name).collect(Collectors.joining(", "))));
    }

    /** How it stands in a task, and how scripts are told of it. */
    static String name(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    /** The same for a script. */
    static byte[] bytes(Enum<?> choice) {
        return name(choice).getBytes(StandardCharsets.US_ASCII);
    }
}
