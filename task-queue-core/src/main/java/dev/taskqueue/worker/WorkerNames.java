package dev.taskqueue.worker;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;

/** Makes worker names that tell a person where to look, and that no two workers share. */
final class WorkerNames {

    private WorkerNames() {}

    static String next() {
        String random =
                Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36 * 36, 36 * 36 * 36 * 36 * 36), 36);
        return host() + "-" + ProcessHandle.current().pid() + "-" + random;
    }

    /** The name of this host, with nothing in it that a name must not have. */
    static String host() {
        String name;
        try {
            name = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A host that cannot resolve itself is no reason not to work.
            name = "worker";
        }
        String plain = name.replaceAll("[^A-Za-z0-9_.-]", "-");
        return plain.length() <= 64 ? plain : plain.substring(0, 64);
    }
}
