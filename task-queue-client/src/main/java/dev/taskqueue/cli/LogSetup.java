package dev.taskqueue.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * How the client logs: on standard error, from {@code LOG_LEVEL} on, errors alone by default. A client speaks by its output and its
 * exit code; only what went wrong underneath is worth a line. Written here, as reading a file of XML takes 450 classes; and the
 * pattern is read only once there is something to print.
 *
 * <p>In a program that mounts the dashboard, Logback is configured as it always is.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {

    private static final String PATTERN = "level=%level logger=%logger{0} msg=\"%msg\" %kvp%n";

    private static volatile boolean used;

    /** For Logback. */
    public LogSetup() {}

    /** To be called before the first logger is asked for. */
    static void use() {
        used = true;
    }

    @Override
    public ExecutionStatus configure(LoggerContext loggers) {
        if (!used || System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        loggers.getStatusManager().add(new NopStatusListener());
        ch.qos.logback.classic.Logger root = loggers.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(System.getenv("LOG_LEVEL"), Level.ERROR));
        // Who did what through the dashboard.
        loggers.getLogger("dev.taskqueue.audit").setLevel(Level.INFO);
        Appender<ILoggingEvent> output = new LateConsole();
        output.setContext(loggers);
        output.start();
        root.addAppender(output);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Made only once there is something to print, which mostly there is not: the pattern alone takes two hundred classes. */
    private static final class LateConsole extends AppenderBase<ILoggingEvent> {

        private @Nullable ConsoleAppender<ILoggingEvent> console;

        @Override
        protected void append(ILoggingEvent event) {
            if (console == null) {
                console = console();
            }
            console.doAppend(event);
        }

        private ConsoleAppender<ILoggingEvent> console() {
            PatternLayoutEncoder encoder = new PatternLayoutEncoder();
            encoder.setContext(getContext());
            encoder.setPattern(PATTERN);
            encoder.start();
            ConsoleAppender<ILoggingEvent> made = new ConsoleAppender<>();
            made.setContext(getContext());
            made.setTarget("System.err");
            made.setEncoder(encoder);
            made.start();
            return made;
        }
    }
}
