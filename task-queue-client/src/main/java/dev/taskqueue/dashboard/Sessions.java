package dev.taskqueue.dashboard;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Who has signed in with a form: a random id in a cookie stands for the role. Forgotten as the process ends. Thread-safe. */
final class Sessions {

    static final Duration LIFE = Duration.ofHours(12);

    /** The oldest give way. */
    static final int MAX = 1_000;

    private record Session(Role role, long endNanos) {}

    private final SecureRandom random = new SecureRandom();
    private final LongSupplier nanoTime;
    private final Map<String, Session> sessions = new LinkedHashMap<>();

    Sessions(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Returns the id of a new session. */
    synchronized String open(Role role) {
        byte[] id = new byte[32];
        random.nextBytes(id);
        String text = HexFormat.of().formatHex(id);
        if (sessions.size() >= MAX) {
            sessions.remove(sessions.keySet().iterator().next());
        }
        sessions.put(key(text), new Session(role, nanoTime.getAsLong() + LIFE.toNanos()));
        return text;
    }

    synchronized Optional<Role> role(String id) {
        Session session = sessions.get(key(id));
        if (session == null || nanoTime.getAsLong() - session.endNanos() >= 0) {
            return Optional.empty();
        }
        return Optional.of(session.role());
    }

    synchronized void close(String id) {
        sessions.remove(key(id));
    }

    /** By its hash: how long a look-up takes tells nothing of the ids that there are. */
    private static String key(String id) {
        return HexFormat.of().formatHex(Tokens.hash(id));
    }
}
