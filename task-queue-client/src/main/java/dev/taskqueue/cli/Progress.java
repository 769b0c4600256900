package dev.taskqueue.cli;

import java.io.PrintWriter;

/** A progress bar on a terminal, and nothing where there is none. */
final class Progress implements AutoCloseable {

    private static final int WIDTH = 40;

    private final PrintWriter out;
    private final long total;
    private final boolean shown;
    private long done;
    private long lastPercent = -1;

    Progress(PrintWriter out, long total) {
        this.out = out;
        this.total = total;
        shown = System.console() != null && total > 1;
    }

    void advance(long more) {
        done += more;
        long percent = done * 100 / total;
        if (shown && percent != lastPercent) {
            lastPercent = percent;
            int filled = (int) (done * WIDTH / total);
            out.printf("\r[%s%s] %3d %%", "#".repeat(filled), " ".repeat(WIDTH - filled), percent);
            out.flush();
        }
    }

    @Override
    public void close() {
        if (shown) {
            out.println();
            out.flush();
        }
    }
}
