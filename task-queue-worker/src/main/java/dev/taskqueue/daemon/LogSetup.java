package dev.taskqueue.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import org.slf4j.Logger;

/**
 * How the worker logs: on standard output, in the format and from the level on that {@link WorkerMain} has found in the
 * settings. Written here, as reading a file of XML takes 450 classes. Anywhere else, and where
 * {@code logback.configurationFile} names a file, Logback is configured as it always is.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {

    private static final String FORMAT = "LOG_FORMAT";
    private static final String LEVEL = "LOG_LEVEL";

    private static final String PATTERN = "time=%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"} level=%level logger=%logger{0}"
            + " msg=\"%msg\" %kvp %replace(%mdc){', ',' '}%n%ex";

    /** For Logback. */
    public LogSetup() {}

    /** To be called before the first logger is asked for. */
    static void use(String format, String level) {
        System.setProperty(FORMAT, format);
        System.setProperty(LEVEL, level);
    }

    @Override
    public ExecutionStatus configure(LoggerContext loggers) {
        String format = System.getProperty(FORMAT);
        if (format == null || System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        loggers.getStatusManager().add(new NopStatusListener());
        Encoder<ILoggingEvent> encoder = format.equals("json") ? new FlatJsonEncoder() : text();
        encoder.setContext(loggers);
        encoder.start();
        ConsoleAppender<ILoggingEvent> output = new ConsoleAppender<>();
        output.setContext(loggers);
        output.setEncoder(encoder);
        output.start();
        // It warns at each try of a Sentinel or a node that is away; the worker says so once.
        loggers.getLogger("redis.clients.jedis").setLevel(Level.ERROR);
        ch.qos.logback.classic.Logger root = loggers.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(System.getProperty(LEVEL)));
        root.addAppender(output);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static Encoder<ILoggingEvent> text() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern(PATTERN);
        return encoder;
    }
}
