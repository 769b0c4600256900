package dev.taskqueue.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Sends signals that Java has no name for. */
public final class Signal {

    private Signal() {}

    /**
     * @param name such as {@code STOP} or {@code CONT}
     */
    public static void send(long pid, String name) {
        if (!sendIfAlive(pid, name)) {
            throw new IllegalStateException("signal " + name + " could not be sent to " + pid);
        }
    }

    /** Like {@link #send}, to a process that may end by itself; returns whether it got it. */
    public static boolean sendIfAlive(long pid, String name) {
        try {
            // The shell's own kill: not every machine has one as a program.
            Process shell = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).start();
            return shell.waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * Whether this process, and so each that it starts, ignores SIGINT from its start on, as one does that a shell runs in
     * the background: a JVM then never hears of it. Known on Linux alone.
     */
    public static boolean isInterruptIgnored() {
        try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
            return status.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1 << 1) != 0);
        } catch (IOException e) {
            return false;
        }
    }
}
