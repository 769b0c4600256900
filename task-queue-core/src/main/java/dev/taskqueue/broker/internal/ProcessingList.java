package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.BrokerUnavailableException;
import java.util.List;

/** Reads a worker's processing list, newest first, in pages of bounded bytes; what is longer than any task is buried. */
final class ProcessingList {

    private static final int HEAD = 3;

    /**
     * A part of the list.
     *
     * @param entries the entries, newest first
     * @param next how many entries to pass over for the next page; -1 if there is none
     * @param buried how many entries were too long, and are among the dead letters now
     */
    record Page(List<byte[]> entries, long next, int buried) {

        boolean isLast() {
            return next < 0;
        }
    }

    /** The key of a list holds something else. */
    static final class WrongTypeException extends BrokerUnavailableException {

        private static final long serialVersionUID = 1L;

        WrongTypeException(String message) {
            super(message, null);
        }
    }

    private final Redis redis;
    private final Keys keys;
    private final ReplyBounds bounds;

    ProcessingList(Redis redis, Keys keys, ReplyBounds bounds) {
        this.redis = redis;
        this.keys = keys;
        this.bounds = bounds;
    }

    /**
     * @param list the key
     * @param from how many of the newest entries to pass over
     * @param max how many entries at most
     * @throws WrongTypeException if the key is no list
     */
    @SuppressWarnings("unchecked")
    Page page(byte[] list, long from, int max) {
        Object reply = redis.run(
                Script.HELD, List.of(list, keys.dead), List.of(bytes(from), bytes(max), bounds.room, bounds.longest));
        if (reply instanceof byte[] error) {
            throw new WrongTypeException(Bytes.text(list) + ": " + Bytes.text(error));
        }
        List<Object> page = Bytes.mixedList(reply);
        int buried = bounds.oversized(page, 1);
        return new Page((List<byte[]>) (List<?>) page.subList(HEAD, page.size()), Bytes.number(page.get(0)), buried);
    }
}
