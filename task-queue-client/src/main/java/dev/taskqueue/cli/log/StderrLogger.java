package dev.taskqueue.cli.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/** Prints what is logged: {@code level=ERROR logger=Worker msg="handler failed" task="t1"}, and a stack trace below it. */
final class StderrLogger extends AbstractLogger implements LoggingEventAware {

    private static final long serialVersionUID = 1L;

    private final Level least;

    StderrLogger(String name, Level least) {
        this.name = name;
        this.least = least;
    }

    @Override
    public void log(LoggingEvent event) {
        Object[] arguments = event.getArgumentArray();
        print(event.getLevel(), event.getMessage(), arguments, event.getThrowable(), event.getKeyValuePairs());
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level, Marker marker, String message, Object[] arguments, Throwable failure) {
        print(level, message, arguments, failure, null);
    }

    private void print(
            Level level,
            String message,
            Object @Nullable [] arguments,
            @Nullable Throwable failure,
            @Nullable List<KeyValuePair> fields) {
        System.err.print(line(level, message, arguments, failure, fields));
    }

    /** What is printed, with the end of the line and a stack trace below it. */
    String line(
            Level level,
            String message,
            Object @Nullable [] arguments,
            @Nullable Throwable failure,
            @Nullable List<KeyValuePair> fields) {
        StringWriter line = new StringWriter();
        line.append("level=").append(level.name());
        line.append(" logger=").append(name.substring(name.lastIndexOf('.') + 1));
        line.append(" msg=\"")
                .append(MessageFormatter.basicArrayFormat(message, arguments))
                .append("\" ");
        if (fields != null) {
            String blank = "";
            for (KeyValuePair field : fields) {
                line.append(blank)
                        .append(field.key)
                        .append("=\"")
                        .append(String.valueOf(field.value))
                        .append('"');
                blank = " ";
            }
        }
        line.append(System.lineSeparator());
        if (failure != null) {
            failure.printStackTrace(new PrintWriter(line));
        }
        return line.toString();
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    private boolean lets(Level level) {
        return level.toInt() >= least.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
        return lets(Level.TRACE);
    }

    @Override
    public boolean isTraceEnabled(Marker marker) {
        return isTraceEnabled();
    }

    @Override
    public boolean isDebugEnabled() {
        return lets(Level.DEBUG);
    }

    @Override
    public boolean isDebugEnabled(Marker marker) {
        return isDebugEnabled();
    }

    @Override
    public boolean isInfoEnabled() {
        return lets(Level.INFO);
    }

    @Override
    public boolean isInfoEnabled(Marker marker) {
        return isInfoEnabled();
    }

    @Override
    public boolean isWarnEnabled() {
        return lets(Level.WARN);
    }

    @Override
    public boolean isWarnEnabled(Marker marker) {
        return isWarnEnabled();
    }

    @Override
    public boolean isErrorEnabled() {
        return lets(Level.ERROR);
    }

    @Override
    public boolean isErrorEnabled(Marker marker) {
        return isErrorEnabled();
    }
}
