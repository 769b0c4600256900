package dev.taskqueue.broker.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Bytes by content, fit for a map's key; and the small change between Java values and what Redis takes and gives. */
record Bytes(byte[] array) {

    static final byte[] EMPTY = {};

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static byte[] bytes(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    @SuppressWarnings("unchecked")
    static List<byte[]> list(Object reply) {
        return (List<byte[]>) reply;
    }

    @SuppressWarnings("unchecked")
    static List<Object> mixedList(Object reply) {
        return (List<Object>) reply;
    }

    static byte[] ofReply(Object reply) {
        return (byte[]) reply;
    }

    static String replyText(Object reply) {
        return text((byte[]) reply);
    }

    static long number(Object reply) {
        return (Long) reply;
    }

    static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-1, which Redis names its scripts by", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }
}
