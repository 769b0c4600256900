package dev.taskqueue.broker.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Lua scripts: one resource file each. What several of them need stands once, in the prelude: one function a file, put in
 * front of the scripts whose header names it in a line {@code -- Needs a, b}. What it needs itself is to be named before it.
 */
enum Script {
    ENQUEUE,
    CLAIM,
    HELD,
    IDENTIFY,
    BEGIN,
    BEGIN_UNIQUE,
    RUNNING,
    SETTLE,
    DUE,
    PROMOTE,
    CRON_DUE,
    CRON_FIRE,
    CRON_READ,
    CRON_LIST,
    CRON_CHANGE,
    BEAT,
    VISIT,
    RECOVER,
    RESERVE_TRIAL,
    BEGIN_TRIAL,
    END_TRIAL,
    PARKED,
    PAUSE,
    PAUSE_MISSING,
    PAUSE_SEEN,
    QUIET,
    WORKERS,
    HISTORY,
    RECENT,
    SCAN_TURN,
    ORPHAN,
    EXPIRE_STATUSES,
    FORGET,
    CANCEL,
    CANCELLED,
    REMOVE,
    TRIM_CANCELLED,
    PLACE_PAGE,
    PURGE,
    MOVE,
    RUN_NOW,
    FIND,
    WHY,
    DOCTOR,
    DEAD_PAGE,
    DEAD_MOVE,
    DEAD_TRIM,
    STATS;

    /** All of them read: for who cannot do it once a script is needed, as there may be no heap left then. */
    static final class Texts {

        static {
            for (Script script : values()) {
                script.source();
            }
            Bytes.sha1(Bytes.EMPTY);
        }

        private Texts() {}
    }

    /** How a failure names it. */
    final String what = name().toLowerCase(Locale.ROOT);

    private volatile byte @Nullable [] source;
    private volatile byte @Nullable [] sha;

    /** Read when it is needed: a program that only enqueues needs one or two of the fifty. */
    byte[] source() {
        byte[] read = source;
        if (read == null) {
            read = Bytes.bytes(withPrelude(read(what + ".lua")));
            source = read;
        }
        return read;
    }

    /** Made when it is needed: to make all of them, a worker that starts had SHA-1 compiled, half a second of a core. */
    byte[] sha() {
        byte[] made = sha;
        if (made == null) {
            made = Bytes.bytes(Bytes.sha1(source()));
            sha = made;
        }
        return made;
    }

    private static String withPrelude(String script) {
        Matcher needs = Pattern.compile("(?m)^-- Needs (.+)$").matcher(script);
        StringBuilder whole = new StringBuilder();
        if (needs.find()) {
            for (String function : needs.group(1).split(", ")) {
                whole.append(read("prelude/" + function + ".lua"));
            }
        }
        return whole.append(script).toString();
    }

    private static String read(String file) {
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("script " + file + " is missing from the jar");
            }
            return Bytes.text(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("script " + file + " cannot be read", e);
        }
    }
}
