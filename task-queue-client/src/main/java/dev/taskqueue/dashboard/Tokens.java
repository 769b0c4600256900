package dev.taskqueue.dashboard;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** The tokens by their hashes: comparing takes the same time whatever is alike, and none can be read from a heap. */
final class Tokens {

    static final int MIN_LENGTH = 16;
    static final int MAX_LENGTH = 256;

    /** What can stand behind {@code Bearer} in a header. */
    static final String FORM = "[A-Za-z0-9._~+/=-]{" + MIN_LENGTH + "," + MAX_LENGTH + "}";

    private final Map<Role, byte[]> hashes = new EnumMap<>(Role.class);

    /**
     * @param token of that form; another than those of other roles
     * @throws IllegalArgumentException if it is not
     */
    void put(Role role, String token) {
        if (!token.matches(FORM)) {
            throw new IllegalArgumentException("it must be " + MIN_LENGTH + " to " + MAX_LENGTH
                    + " letters, digits or . _ ~ + / = -, such as `openssl rand -hex 32` prints");
        }
        byte[] hash = hash(token);
        hashes.forEach((other, taken) -> {
            if (other != role && MessageDigest.isEqual(taken, hash)) {
                throw new IllegalArgumentException("it is the token of another role, too");
            }
        });
        hashes.put(role, hash);
    }

    boolean isEmpty() {
        return hashes.isEmpty();
    }

    /** The role of a token; each is looked at, whichever fits. */
    Optional<Role> role(String token) {
        byte[] hash = hash(token);
        Role found = null;
        for (Map.Entry<Role, byte[]> entry : hashes.entrySet()) {
            if (MessageDigest.isEqual(entry.getValue(), hash)) {
                found = entry.getKey();
            }
        }
        return Optional.ofNullable(found);
    }

    static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
