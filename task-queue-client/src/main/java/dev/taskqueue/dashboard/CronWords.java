package dev.taskqueue.dashboard;

import com.cronutils.descriptor.CronDescriptor;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import dev.taskqueue.CronSpec;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a spec means, in English. */
final class CronWords {

    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    private static final CronDescriptor DESCRIPTOR = CronDescriptor.instance(Locale.UK);

    private static final Map<String, String> NICKNAMES = Map.of(
            "@hourly", "every hour",
            "@daily", "at 00:00 every day",
            "@midnight", "at 00:00 every day",
            "@weekly", "at 00:00 every Sunday",
            "@monthly", "at 00:00 on the first day of every month",
            "@yearly", "at 00:00 on the first of January",
            "@annually", "at 00:00 on the first of January");

    private static final int FIELDS = 5;
    private static final int DAY_OF_MONTH = 2;
    private static final int DAY_OF_WEEK = 4;

    private CronWords() {}

    /**
     * @param spec a spec
     * @return such as {@code at 03:00}; empty for one that the library cannot read, or would tell something else of
     */
    static Optional<String> of(CronSpec spec) {
        String nickname = NICKNAMES.get(spec.toString().toLowerCase(Locale.ROOT));
        if (nickname != null) {
            return Optional.of(nickname);
        }
        String[] fields = spec.toString().split(" ");
        if (fields.length == FIELDS && !fields[DAY_OF_MONTH].equals("*") && !fields[DAY_OF_WEEK].equals("*")) {
            // That one of the two days is enough, the library does not say.
            return Optional.empty();
        }
        try {
            return Optional.of(DESCRIPTOR.describe(PARSER.parse(spec.toString())));
        } catch (RuntimeException e) {
            // It only explains: the spec is shown as well.
            return Optional.empty();
        }
    }
}
