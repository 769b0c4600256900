package dev.taskqueue.cli.log;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.NOPLogger;

/** The loggers by name. LOG_LEVEL says what they let through: ERROR and above by default. */
final class StderrLoggers implements ILoggerFactory {

    /** Who did what through the dashboard. */
    private static final String AUDIT = "dev.taskqueue.audit";

    private final Map<String, Logger> loggers = new ConcurrentHashMap<>();
    private final String level;

    /**
     * @param given what LOG_LEVEL is, or null
     */
    StderrLoggers(@Nullable String given) {
        level = given == null || given.isBlank() ? "ERROR" : given.strip().toUpperCase(Locale.ROOT);
    }

    @Override
    public Logger getLogger(String name) {
        return loggers.computeIfAbsent(name, this::create);
    }

    private Logger create(String name) {
        if (name.equals(AUDIT)) {
            return new StderrLogger(name, Level.INFO);
        }
        return switch (level) {
            case "OFF" -> NOPLogger.NOP_LOGGER;
            case "ERROR", "WARN", "INFO", "TRACE" -> new StderrLogger(name, Level.valueOf(level));
            case "ALL" -> new StderrLogger(name, Level.TRACE);
            default -> new StderrLogger(name, Level.DEBUG);
        };
    }
}
