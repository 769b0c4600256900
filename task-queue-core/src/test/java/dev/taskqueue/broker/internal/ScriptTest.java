package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lua finds a function that is not defined only when it is called, which may be in a rare branch: so what a script needs of
 * the prelude is compared with what its header names.
 */
class ScriptTest {

    private static final Path PRELUDE = Path.of("src/main/resources/dev/taskqueue/broker/internal/prelude");
    private static final Pattern DEFINITION = Pattern.compile("(?m)^local function (\\w+)\\(");

    private static List<String> preludeFunctions() throws IOException {
        List<String> functions = new ArrayList<>();
        try (Stream<Path> files = Files.list(PRELUDE)) {
            for (Path file : files.toList()) {
                Matcher definition = DEFINITION.matcher(Files.readString(file));
                while (definition.find()) {
                    functions.add(definition.group(1));
                }
            }
        }
        return functions;
    }

    @ParameterizedTest
    @EnumSource
    void defines_each_function_of_the_prelude_that_it_calls_and_no_other(Script script) throws IOException {
        String source = Bytes.text(script.source()).replaceAll("(?m)--.*$", "");
        assertThat(preludeFunctions()).hasSizeGreaterThan(3).allSatisfy(function -> {
            int definition = source.indexOf("local function " + function + "(");
            Matcher call = Pattern.compile("(?<!local function )\\b" + function + "\\(")
                    .matcher(source);
            boolean called = call.find();
            assertThat(definition >= 0).as(function + " is defined").isEqualTo(called);
            if (called) {
                assertThat(definition).as("definition of " + function).isLessThan(call.start());
            }
        });
    }
}
