package dev.taskqueue.testing;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Sends signals that Java has no name for. */
public final class Signal {

    private Signal() {}

    /**
     * @param name such as {@code STOP} or {@code CONT}
     */
    public static void send(long pid, String name) {
        try {
            // The shell's own kill: not every machine has one as a program.
            Process shell = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).start();
            if (shell.waitFor() != 0) {
                throw new IllegalStateException("signal " + name + " could not be sent to " + pid);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
