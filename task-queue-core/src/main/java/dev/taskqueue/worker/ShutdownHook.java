package dev.taskqueue.worker;

/** Closes a worker when the JVM ends, until it is closed otherwise. Not thread-safe: its worker calls it under its own lock. */
final class ShutdownHook {

    private final Thread thread;
    private boolean added;

    ShutdownHook(Runnable close, String name) {
        thread = new Thread(close, name);
    }

    /**
     * @throws IllegalStateException if the JVM is ending already
     */
    void add() {
        if (!added) {
            Runtime.getRuntime().addShutdownHook(thread);
            added = true;
        }
    }

    void remove() {
        if (added && Thread.currentThread() != thread) {
            try {
                Runtime.getRuntime().removeShutdownHook(thread);
            } catch (IllegalStateException e) {
                // The JVM is ending: the hook waits for the close that is under way, and finds nothing left to do.
            }
        }
    }
}
