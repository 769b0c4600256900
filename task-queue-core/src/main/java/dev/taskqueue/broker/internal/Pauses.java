package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.PauseResult;
import dev.taskqueue.QueuePause;
import dev.taskqueue.internal.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Protocol.Command;

/** Pauses one queue and resumes it, and knows how a pause is written. */
public final class Pauses {

    /** How long to wait for workers to acknowledge a pause. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** How many characters of a reason are kept, and of a text that another program wrote are shown. */
    public static final int MAX_REASON_LENGTH = 1_000;

    private static final int MAX_BY_LENGTH = 200;
    private static final long POLL_MILLIS = 20;

    private final Redis redis;
    private final Keys keys;

    Pauses(QueueContext queue) {
        this.redis = queue.redis();
        this.keys = queue.keys();
    }

    /**
     * Pauses the queue, and waits until each living worker begins nothing more; 5 s at most.
     *
     * @param by who pauses it
     * @param reason why; empty for no reason
     * @param lasts how long it lasts; empty for until it is resumed
     * @param until when it ends, in place of how long it lasts
     * @return the pause, and who has not acknowledged it
     * @throws IllegalArgumentException if its end has passed
     * @throws InterruptedException if the thread is interrupted while it waits; the queue is paused
     */
    public PauseResult pause(String by, String reason, Optional<Duration> lasts, Optional<Instant> until)
            throws InterruptedException {
        ObjectNode text = JsonNodeFactory.instance.objectNode().put("by", plain(by, MAX_BY_LENGTH));
        if (!reason.isBlank()) {
            text.put("reason", plain(reason, MAX_REASON_LENGTH));
        }
        String open = text.toString().substring(0, text.toString().length() - 1);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Object> reply = redis.list(
                Script.PAUSE,
                List.of(keys.paused, keys.pausedSeen, keys.workers, keys.silence),
                List.of(
                        bytes(open),
                        lasts.map(time -> bytes(time.toMillis())).orElse(Bytes.EMPTY),
                        until.map(time -> bytes(time.toEpochMilli())).orElse(Bytes.EMPTY)));
        if (reply.isEmpty()) {
            throw new IllegalArgumentException(
                    "until is " + until.map(Instant::toString).orElse("now") + "; it must not have passed");
        }
        long ends = Bytes.number(reply.get(1));
        QueuePause pause = new QueuePause(
                text(text, "by"),
                text(text, "reason"),
                Optional.of(Instant.ofEpochMilli(Bytes.number(reply.get(0)))),
                ends == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ends)));
        return new PauseResult(pause, awaitWorkers(names(reply.subList(2, reply.size())), deadline));
    }

    private List<String> awaitWorkers(List<String> first, long deadline) throws InterruptedException {
        List<String> missing = first;
        while (!missing.isEmpty() && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            List<Object> reply = redis.list(
                    Script.PAUSE_MISSING, List.of(keys.paused, keys.pausedSeen, keys.workers, keys.silence), List.of());
            if (reply == null) {
                // Resumed by now: nobody acknowledges it any more.
                return missing;
            }
            missing = names(reply);
        }
        return missing;
    }

    private static List<String> names(List<Object> workers) {
        return Bytes.list(workers).stream().map(Bytes::text).toList();
    }

    /**
     * @return whether the queue was paused
     */
    public boolean resume() {
        return redis.command("resume", Bytes::number, Command.DEL, keys.paused) > 0;
    }

    Hold see(String worker, boolean acknowledges) {
        List<byte[]> marks = Bytes.list(redis.list(
                Script.PAUSE_SEEN,
                List.of(keys.paused, keys.pausedSeen, keys.workers, keys.quiet),
                List.of(bytes(worker), bytes(acknowledges ? 1 : 0))));
        return new Hold(
                Optional.ofNullable(marks.get(0)).map(Pauses::read),
                Optional.ofNullable(marks.get(1)).map(WorkerInfoCodec::readQuiet));
    }

    /** Reads the marker, whatever stands there: to pause a queue a program needs no more than to set it. */
    static QueuePause read(byte[] marker) {
        String text = Bytes.text(marker);
        try {
            JsonNode fields = Json.mapper().readTree(text);
            if (fields != null && fields.isObject() && fields.path("since").isIntegralNumber()) {
                return new QueuePause(
                        text(fields, "by"), text(fields, "reason"), time(fields, "since"), time(fields, "until"));
            }
        } catch (JsonProcessingException e) {
            // Of another program.
        }
        String shown = plain(text, MAX_REASON_LENGTH);
        return new QueuePause(
                Optional.empty(),
                shown.isEmpty() ? Optional.empty() : Optional.of(shown),
                Optional.empty(),
                Optional.empty());
    }

    private static Optional<String> text(JsonNode fields, String name) {
        String value = fields.path(name).asText("");
        return value.isBlank() ? Optional.empty() : Optional.of(plain(value, MAX_REASON_LENGTH));
    }

    private static Optional<Instant> time(JsonNode fields, String name) {
        return fields.path(name).canConvertToLong()
                ? Optional.of(Instant.ofEpochMilli(fields.path(name).longValue()))
                : Optional.empty();
    }

    /** One line of bounded length. */
    private static String plain(String text, int most) {
        String start = text.length() <= most ? text : text.substring(0, most) + "…";
        return start.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?").strip();
    }
}
