package dev.taskqueue.dashboard;

import dev.taskqueue.internal.TaskLimits;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each request that acts, done or refused: who, what, on what, and the result. Never a payload. */
final class Audit {

    private static final Logger LOG = LoggerFactory.getLogger("dev.taskqueue.audit");

    private Audit() {}

    static void log(Identity identity, String remote, Route route, Map<String, String> path, String note, int status) {
        String target = path.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + "=" + plain(entry.getValue()))
                .collect(Collectors.joining(" "));
        LOG.atInfo()
                .addKeyValue("role", identity.role().wireName())
                .addKeyValue("by", identity.by())
                .addKeyValue("remote", remote)
                .addKeyValue("action", route.method() + " " + route.template())
                .addKeyValue("target", target)
                .addKeyValue("detail", note)
                .addKeyValue("status", status)
                .log("dashboard action");
    }

    /** Anybody can have made it up: what could pass for the end of a value, or of a line, is left out. */
    static String plain(String text) {
        return TaskLimits.shorten(text).replace('"', '\'').replace('\\', '/');
    }
}
