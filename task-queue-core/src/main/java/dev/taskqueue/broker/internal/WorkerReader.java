package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.WorkerInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/** Reads the workers of one queue. */
public final class WorkerReader {

    private static final int MAX_WORKERS = 10_000;
    private static final int MAX_PAGE = 200;
    private static final int MAX_NAME_BYTES = 512;

    /** Of what workers say of themselves, in one reply. */
    private static final int MAX_REPLY_BYTES = 4 << 20;

    /** What the script returns before the workers, and of each worker. */
    private static final int HEADER = 2;

    private static final int FIELDS = 6;

    private final Redis redis;
    private final Keys keys;
    private final String queue;

    WorkerReader(QueueContext context, String queue) {
        this.redis = context.redis();
        this.keys = context.keys();
        this.queue = queue;
    }

    /**
     * @return the workers of the queue, by name; of more than 10,000 those that have beaten last
     */
    public List<WorkerInfo> all() {
        List<String> names =
                redis.command("workers", Bytes::list, Command.ZRANGE, keys.workers, -MAX_WORKERS, -1).stream()
                        .filter(name -> name.length <= MAX_NAME_BYTES)
                        .map(Bytes::text)
                        .sorted()
                        .toList();
        List<WorkerInfo> all = new ArrayList<>(names.size());
        int from = 0;
        while (from < names.size()) {
            from += addPage(names.subList(from, Math.min(from + MAX_PAGE, names.size())), all);
        }
        boolean anyLives = all.stream().anyMatch(worker -> !worker.silent());
        return anyLives ? all : all.stream().map(WorkerReader::notRecovered).toList();
    }

    /**
     * @param type a type of task
     * @return false if workers live, and certainly none of them handles it; also if none lives
     */
    public boolean anyMayHandle(String type) {
        return all().stream().anyMatch(worker -> !worker.silent() && worker.mayHandle(type));
    }

    /** Returns how many were read: a reply that has become long is the last of its page. */
    private int addPage(List<String> names, List<WorkerInfo> all) {
        List<byte[]> scriptKeys = new ArrayList<>(List.of(keys.workers, keys.silence, keys.quiet));
        List<byte[]> args = new ArrayList<>(List.of(bytes(WorkerInfoCodec.MAX_BYTES), bytes(MAX_REPLY_BYTES)));
        for (String name : names) {
            args.add(bytes(name));
            scriptKeys.add(keys.processing(name));
            scriptKeys.add(keys.workerInfo(name));
        }
        List<Object> reply = redis.list(Script.WORKERS, scriptKeys, args);
        long now = Bytes.number(reply.get(0));
        long lease = Bytes.number(reply.get(1));
        int read = (reply.size() - HEADER) / FIELDS;
        for (int i = 0; i < read; i++) {
            int at = HEADER + FIELDS * i;
            long beat = Bytes.number(reply.get(at));
            if (beat >= 0) {
                all.add(worker(names.get(i), reply.subList(at, at + FIELDS), now, lease));
            }
        }
        return Math.max(1, read);
    }

    private WorkerInfo worker(String name, List<Object> fields, long now, long lease) {
        long beat = Bytes.number(fields.get(0));
        long gathered = Bytes.number(fields.get(1));
        long held = Bytes.number(fields.get(2));
        Optional<WorkerInfo.Quiet> mark =
                Optional.ofNullable((byte[]) fields.get(3)).map(WorkerInfoCodec::readQuiet);
        byte[] text = (byte[]) fields.get(4);
        Optional<WorkerInfo.Details> details = text == null ? Optional.empty() : WorkerInfoCodec.read(text);
        // Without a lease nobody has looked for the silent yet.
        boolean silent = lease > 0 && now - beat >= lease / 2;
        return new WorkerInfo(
                name,
                queue,
                Instant.ofEpochMilli(now),
                Instant.ofEpochMilli(beat),
                silent,
                silent && held > 0 ? Optional.of(Duration.ofMillis(Math.max(0, lease - gathered))) : Optional.empty(),
                held,
                mark.or(() -> details.flatMap(WorkerInfo.Details::quiet)),
                details,
                details.isPresent() ? Optional.empty() : Optional.of(problem(text, Bytes.number(fields.get(5)) == 1)));
    }

    private static String problem(byte @Nullable [] text, boolean isThere) {
        if (text == null && !isThere) {
            return "it has said nothing of itself, or was lost and its tasks taken back";
        }
        return "what it says of itself is unreadable";
    }

    private static WorkerInfo notRecovered(WorkerInfo worker) {
        return new WorkerInfo(
                worker.name(),
                worker.queue(),
                worker.asOf(),
                worker.lastBeat(),
                worker.silent(),
                Optional.empty(),
                worker.held(),
                worker.quiet(),
                worker.details(),
                worker.problem());
    }
}
