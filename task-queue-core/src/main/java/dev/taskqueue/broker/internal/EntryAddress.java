package dev.taskqueue.broker.internal;

import dev.taskqueue.TaskEntry;

/** Where an entry that was read with a page is looked for again. */
final class EntryAddress {

    private EntryAddress() {}

    /** The key of its list, or of scheduled; of what is parked the type names the list. */
    static byte[] key(TaskEntry entry, Keys keys) {
        return TaskListing.key(keys, entry.place(), entry.type().orElse(""));
    }

    /** Without one it has no status, and nothing that is bound to its id. */
    static boolean hasOwnId(TaskEntry entry) {
        return entry.task().isPresent() && !entry.id().equals(DeadLetterReader.idOf(entry.raw()));
    }
}
