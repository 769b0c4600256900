package dev.taskqueue.broker.internal;

import static dev.taskqueue.broker.internal.Bytes.bytes;

import dev.taskqueue.TaskEntry;

/** Where an entry that was read with a page is looked for again. */
final class EntryAddress {

    /** How much farther from the end it may be by now, as others were put back there since. */
    private static final int SLACK = 1_000;

    private EntryAddress() {}

    /** The key of its list, or of scheduled; of what is parked the type names the list. */
    static byte[] key(TaskEntry entry, Keys keys) {
        return TaskListing.key(keys, entry.place(), entry.type().orElse(""));
    }

    /** In how many entries of a list to look for it, from the end that is taken first. */
    static byte[] depth(TaskEntry entry) {
        return bytes(entry.position() + SLACK);
    }

    /** Without one it has no status, and nothing that is bound to its id. */
    static boolean hasOwnId(TaskEntry entry) {
        return entry.task().isPresent() && !entry.id().equals(DeadLetterReader.idOf(entry.raw()));
    }
}
