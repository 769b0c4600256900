package dev.taskqueue.dashboard;

import com.cronutils.descriptor.CronDescriptor;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import dev.taskqueue.CronSpec;
import java.util.Locale;
import java.util.Optional;

/** What a spec means, in English. */
final class CronWords {

    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    private static final CronDescriptor DESCRIPTOR = CronDescriptor.instance(Locale.UK);

    private CronWords() {}

    /**
     * @param spec a spec
     * @return such as {@code at 03:00}; empty for one that the library does not know how to read
     */
    static Optional<String> of(CronSpec spec) {
        try {
            return Optional.of(DESCRIPTOR.describe(PARSER.parse(spec.toString())));
        } catch (RuntimeException e) {
            // It only explains: the spec is shown as well.
            return Optional.empty();
        }
    }
}
