package dev.taskqueue.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;

/** The lines that the client logs, and which it leaves out. */
class StderrLoggerTest {

    private final StderrLogger logger = new StderrLogger("dev.taskqueue.worker.Worker", Level.WARN);

    @Test
    void a_line_has_level_logger_message_and_fields() {
        assertThat(logger.line(Level.INFO, "dashboard action", null, null, null).stripTrailing())
                .isEqualTo("level=INFO logger=Worker msg=\"dashboard action\"");
        assertThat(logger.line(
                                Level.WARN,
                                "{} of {} failed",
                                new Object[] {1, 2},
                                null,
                                List.of(new KeyValuePair("task", "t1"), new KeyValuePair("error", null)))
                        .stripTrailing())
                .isEqualTo("level=WARN logger=Worker msg=\"1 of 2 failed\" task=\"t1\" error=\"null\"");
    }

    @Test
    void a_stack_trace_stands_below_the_line() {
        assertThat(logger.line(Level.ERROR, "failed", null, new IllegalStateException("why"), null)
                        .lines())
                .startsWith("level=ERROR logger=Worker msg=\"failed\" ", "java.lang.IllegalStateException: why")
                .anyMatch(line -> line.contains("at dev.taskqueue.cli.log.StderrLoggerTest"));
    }

    @Test
    void what_is_below_the_level_is_left_out() {
        assertThat(logger.isErrorEnabled()).isTrue();
        assertThat(logger.isWarnEnabled()).isTrue();
        assertThat(logger.isInfoEnabled()).isFalse();
        assertThat(logger.isDebugEnabled()).isFalse();
    }

    @Test
    void errors_alone_are_told_unless_a_level_is_set_and_always_who_did_what() {
        assertThat(new StderrLoggers(null).getLogger("a").isWarnEnabled()).isFalse();
        assertThat(new StderrLoggers(null).getLogger("a").isErrorEnabled()).isTrue();
        assertThat(new StderrLoggers("info").getLogger("a").isInfoEnabled()).isTrue();
        assertThat(new StderrLoggers("off").getLogger("a").isErrorEnabled()).isFalse();
        assertThat(new StderrLoggers(null).getLogger("dev.taskqueue.audit").isInfoEnabled())
                .isTrue();
    }
}
