package dev.taskqueue.broker.internal;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who runs this program. */
public final class Operator {

    private Operator() {}

    /**
     * @return the user of the operating system and the host, such as {@code ann@web-1}
     */
    public static String name() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A host that cannot resolve itself is no reason not to pause.
            host = "unknown host";
        }
        return System.getProperty("user.name", "unknown") + "@" + host;
    }
}
