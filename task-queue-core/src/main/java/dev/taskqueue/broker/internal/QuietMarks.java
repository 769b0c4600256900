package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Tells workers of one queue to claim nothing more, and to claim again. */
public final class QuietMarks {

    private final Redis redis;
    private final Keys keys;

    QuietMarks(QueueContext queue) {
        this.redis = queue.redis();
        this.keys = queue.keys();
    }

    /**
     * @param by who asks
     * @param workers their names; none: all that live
     * @return those that were found
     */
    public List<String> set(String by, Collection<String> workers) {
        String text = JsonNodeFactory.instance.objectNode().put("by", by).toString();
        return run(text.substring(0, text.length() - 1), "1", workers);
    }

    /**
     * @param workers their names; none: all that are quiet
     * @return those that were found
     */
    public List<String> clear(Collection<String> workers) {
        return run("", "0", workers);
    }

    private List<String> run(String text, String quiet, Collection<String> workers) {
        List<byte[]> args = new ArrayList<>(List.of(bytes(text), bytes(quiet)));
        workers.forEach(worker -> args.add(bytes(worker)));
        List<Object> found = redis.list(Script.QUIET, List.of(keys.quiet, keys.workers, keys.silence), args);
        return Bytes.list(found).stream().map(Bytes::text).sorted().toList();
    }
}
