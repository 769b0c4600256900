package dev.taskqueue.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The Lua scripts: one resource file each, named like the broker's method that runs it. */
enum Script {
    ENQUEUE,
    CLAIM,
    IDENTIFY,
    BEGIN,
    RUNNING,
    SETTLE,
    DUE,
    PROMOTE,
    BEAT,
    SILENT,
    RECOVER,
    ORPHAN,
    FORGET,
    STATUS,
    STATS;

    final byte[] source;
    final byte[] sha;

    /** How a failure names it. */
    final String what = name().toLowerCase(Locale.ROOT);

    Script() {
        String file = what + ".lua";
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("script " + file + " is missing from the jar");
            }
            source = in.readAllBytes();
            sha = Bytes.bytes(Bytes.sha1(source));
        } catch (IOException e) {
            throw new UncheckedIOException("script " + file + " cannot be read", e);
        }
    }
}
