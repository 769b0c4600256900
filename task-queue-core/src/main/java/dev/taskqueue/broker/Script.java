package dev.taskqueue.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The Lua scripts: one resource file each, named like the broker's method that runs it. */
enum Script {
    ENQUEUE,
    CLAIM(Script.OVERSIZED),
    HELD(Script.OVERSIZED),
    IDENTIFY,
    BEGIN,
    RUNNING,
    SETTLE,
    DUE(Script.OVERSIZED),
    PROMOTE,
    BEAT,
    SILENT,
    RECOVER,
    ORPHAN,
    FORGET,
    STATUS,
    STATS;

    /** What stands in front of the scripts that hand over entries. */
    private static final String OVERSIZED = "oversized.lua";

    final byte[] source;
    final byte[] sha;

    /** How a failure names it. */
    final String what = name().toLowerCase(Locale.ROOT);

    Script() {
        this("");
    }

    Script(String prelude) {
        source = Bytes.bytes((prelude.isEmpty() ? "" : read(prelude)) + read(what + ".lua"));
        sha = Bytes.bytes(Bytes.sha1(source));
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
