package dev.taskqueue.cli.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.TaskQueueException;
import dev.taskqueue.broker.RedisSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.args.ListDirection;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** The floors: what bare Redis commands reach over the same connection, with no queue around them. */
final class BareRedis implements AutoCloseable {

    private static final int PIPELINE = 500;

    private final RedisSettings settings;
    private final byte[] queue;
    private final byte[] processing;
    private final Jedis producer;

    BareRedis(RedisSettings settings, String queue) {
        this.settings = settings;
        this.queue = queue.getBytes(UTF_8);
        processing = key("processing:bare");
        producer = connect();
    }

    Jedis connect() {
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .resp2()
                .database(settings.database())
                .timeoutMillis(30_000);
        settings.password().ifPresent(config::password);
        return new Jedis(new HostAndPort(settings.host(), settings.port()), config.build());
    }

    /** One LPUSH a task, a round trip each. */
    void push(List<byte[]> texts) {
        pushBy(producer, texts);
    }

    /** The same by several threads, each with a connection and texts of its own. */
    void pushByMany(List<List<byte[]>> texts) {
        Threads.runAll(texts, share -> {
            try (Jedis jedis = connect()) {
                pushBy(jedis, share);
            }
        });
    }

    private void pushBy(Jedis jedis, List<byte[]> texts) {
        for (byte[] text : texts) {
            jedis.lpush(queue, text);
        }
    }

    /** One LPUSH a task, many in a round trip. */
    void pushPipelined(List<byte[]> texts) {
        try (Jedis jedis = connect()) {
            for (int from = 0; from < texts.size(); from += PIPELINE) {
                Pipeline pipeline = jedis.pipelined();
                for (byte[] text : texts.subList(from, Math.min(from + PIPELINE, texts.size()))) {
                    pipeline.lpush(queue, text);
                }
                pipeline.sync();
            }
        }
    }

    /** Each thread moves one task into the processing list and takes it off again: a round trip each. */
    void drain(int threads) {
        Threads.runAll(Collections.nCopies(threads, queue), from -> {
            try (Jedis jedis = connect()) {
                byte[] raw = jedis.blmove(from, processing, ListDirection.RIGHT, ListDirection.LEFT, 0.1);
                while (raw != null) {
                    jedis.lrem(processing, -1, raw);
                    raw = jedis.blmove(from, processing, ListDirection.RIGHT, ListDirection.LEFT, 0.1);
                }
            }
        });
    }

    /** The same with one script a task, which takes one task off the processing list and moves the next one there. */
    void drainByScript(int threads) {
        byte[] script = "if ARGV[1] ~= '' then redis.call('LREM', KEYS[2], -1, ARGV[1]) end "
                .concat("return redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT')")
                .getBytes(UTF_8);
        Threads.runAll(Collections.nCopies(threads, queue), from -> {
            try (Jedis jedis = connect()) {
                byte[] sha = jedis.scriptLoad(script);
                byte[] raw = {};
                while (raw != null) {
                    raw = (byte[]) jedis.evalsha(sha, List.of(from, processing), List.of(raw));
                }
            }
        });
    }

    /** The same with scripts that take off what the thread holds, and move the next fifty there. */
    void drainByScriptOfMany(int threads) {
        byte[] script = "redis.call('DEL', KEYS[2]) local raws = redis.call('RPOP', KEYS[1], 50) "
                .concat("if raws then redis.call('LPUSH', KEYS[2], unpack(raws)) end return raws")
                .getBytes(UTF_8);
        List<byte[]> held = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            held.add(key("processing:bare:" + i));
        }
        Threads.runAll(held, mine -> {
            try (Jedis jedis = connect()) {
                byte[] sha = jedis.scriptLoad(script);
                while (jedis.evalsha(sha, List.of(queue, mine), List.of()) != null) {
                    // The tasks need nothing else.
                }
            }
        });
    }

    /** A key beside the queue's own. */
    byte[] key(String suffix) {
        return (new String(queue, UTF_8) + ":" + suffix).getBytes(UTF_8);
    }

    @Override
    public void close() {
        producer.close();
    }

    /**
     * @throws TaskQueueException if the queue holds anything, which the measurement would spoil and the end of it clear
     */
    void requireEmpty() {
        if (!scan(true).isEmpty()) {
            throw new TaskQueueException("the queue " + new String(queue, UTF_8)
                    + " holds data; name another one with --queue, or remove its keys");
        }
    }

    void clear() {
        try (Jedis jedis = connect()) {
            List<byte[]> keys = scan(false);
            for (int from = 0; from < keys.size(); from += PIPELINE) {
                jedis.unlink(keys.subList(from, Math.min(from + PIPELINE, keys.size()))
                        .toArray(byte[][]::new));
            }
        }
    }

    private List<byte[]> scan(boolean firstIsEnough) {
        List<byte[]> found = new ArrayList<>();
        try (Jedis jedis = connect()) {
            if (jedis.exists(queue)) {
                found.add(queue);
            }
            ScanParams params = new ScanParams().count(5_000).match(new String(queue, UTF_8) + ":*");
            byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
            do {
                ScanResult<byte[]> step = jedis.scan(cursor, params);
                found.addAll(step.getResult());
                cursor = step.getCursorAsBytes();
            } while (!new String(cursor, UTF_8).equals("0") && !(firstIsEnough && !found.isEmpty()));
        }
        return found;
    }
}
