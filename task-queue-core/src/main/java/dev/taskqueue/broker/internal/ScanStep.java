package dev.taskqueue.broker.internal;

import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.params.ScanParams;

/**
 * One step on the way through the keys of a database.
 *
 * @param cursor where to go on
 * @param keys what was found
 */
record ScanStep(String cursor, List<byte[]> keys) {

    /** The cursor to begin with. */
    static final String START = ScanParams.SCAN_POINTER_START;

    /**
     * @param place a key: in a cluster, the keys are those of its node
     */
    static ScanStep take(Redis redis, String what, byte[] place, String cursor, ScanParams params) {
        CommandArguments scan = new CommandArguments(Command.SCAN).add(cursor).addParams(params);
        return redis.commandBeside(place, what, ScanStep::of, scan);
    }

    private static ScanStep of(Object reply) {
        List<Object> parts = Bytes.mixedList(reply);
        return new ScanStep(Bytes.replyText(parts.get(0)), Bytes.list(parts.get(1)));
    }

    boolean isLast() {
        return cursor.equals(START);
    }
}
