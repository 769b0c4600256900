package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.FinishedTask;
import dev.taskqueue.internal.JsonWriter;
import java.util.List;

/** Writes what a worker tells of tasks that have ended, as {@code add_history.lua} takes it. */
final class HistoryArgs {

    private static final byte[] ID = JsonWriter.name("id");
    private static final byte[] TYPE = JsonWriter.name("type");
    private static final byte[] STATE = JsonWriter.name("state");
    private static final byte[] AT = JsonWriter.name("at");

    private HistoryArgs() {}

    static void add(BeatReport report, List<byte[]> args) {
        args.add(bytes(report.counts().size()));
        for (BeatReport.Count count : report.counts()) {
            args.add(bytes(count.type() + "|" + count.state().wireName()));
            args.add(bytes(count.attempts()));
        }
        for (FinishedTask task : report.finished()) {
            args.add(new JsonWriter(160)
                    .field(ID, task.id())
                    .field(TYPE, task.type())
                    .field(STATE, task.state().wireName())
                    .field(AT, task.finishedAt().toEpochMilli())
                    .toBytes());
        }
    }
}
