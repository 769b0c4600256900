package dev.taskqueue.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskHandler;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HandlerLoaderTest {

    @TempDir
    Path folder;

    private static final class SpeechlessException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("not even that");
        }
    }

    @Test
    void what_comes_from_a_jar_is_made_asked_and_run_with_the_context_class_loader_of_the_jars() throws Exception {
        HandlerJar.write(folder.resolve("mine.jar"), ContextHandlers.class);
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (HandlerLoader loader = new HandlerLoader()) {
            loader.addJars(folder);
            assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
            assertThat(loader.handlers().get("look-around").handle(null))
                    .isEqualTo(Map.of("made", true, "asked", true, "run", true));
            assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
            assertThatThrownBy(() -> loader.handlers().get("context:fail").handle(null))
                    .hasMessage("seen: true");
            assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static Set<Arguments> broken() {
        Map<String, TaskHandler> nullHandler = new HashMap<>();
        nullHandler.put("mail", null);
        Map<String, TaskHandler> nullType = new HashMap<>();
        nullType.put(null, task -> null);
        return Set.of(
                provider(() -> null, "are null; they must be a map"),
                provider(() -> nullHandler, "hold null for the type \"mail\"; each type must be text"),
                provider(() -> nullType, "for the type null; each type must be text"),
                provider(() -> (Map) Map.of(1, 2), "hold 2 for the type 1; each type must be text"),
                provider(() -> (Map) Map.of("mail", "x"), "hold \"x\" for the type \"mail\"; each type must be text"),
                provider(
                        () -> {
                            throw new IllegalStateException("no\ndatabase");
                        },
                        "cannot be had: java.lang.IllegalStateException: no database"),
                provider(
                        () -> {
                            throw new NoClassDefFoundError("com/acme/Mail");
                        },
                        "cannot be had: java.lang.NoClassDefFoundError: com/acme/Mail"),
                provider(
                        () -> {
                            throw new StackOverflowError();
                        },
                        "cannot be had: java.lang.StackOverflowError"),
                provider(
                        () -> {
                            throw new SpeechlessException();
                        },
                        "cannot be had: a " + SpeechlessException.class.getName()),
                provider(
                        () -> new AbstractMap<>() {
                            @Override
                            public Set<Entry<String, TaskHandler>> entrySet() {
                                throw new IllegalStateException("a map that fails");
                            }
                        },
                        "cannot be had: java.lang.IllegalStateException: a map that fails"),
                provider(
                        () -> Map.of("noop", task -> null),
                        "type \"noop\" of " + BrokenHandlers.class.getName() + " has a handler already"));
    }

    private static Arguments provider(HandlerProvider provider, String sentence) {
        return Arguments.of(provider, sentence);
    }

    @ParameterizedTest
    @MethodSource("broken")
    void handlers_that_cannot_be_had_are_told_in_one_sentence(HandlerProvider provider, String sentence)
            throws Exception {
        HandlerJar.write(folder.resolve("mine.jar"), BrokenHandlers.class);
        HandlerProvider before = BrokenHandlers.source;
        BrokenHandlers.source = provider;
        try (HandlerLoader loader = new HandlerLoader()) {
            loader.addSamples();
            assertThatThrownBy(() -> loader.addJars(folder))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageContaining(BrokenHandlers.class.getName())
                    .hasMessageContaining(sentence)
                    .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
        } finally {
            BrokenHandlers.source = before;
        }
    }

    @Test
    void an_empty_map_is_no_mistake() throws Exception {
        HandlerJar.write(folder.resolve("mine.jar"), BrokenHandlers.class);
        HandlerProvider before = BrokenHandlers.source;
        BrokenHandlers.source = Collections::emptyMap;
        try (HandlerLoader loader = new HandlerLoader()) {
            loader.addJars(folder);
            assertThat(loader.handlers()).isEmpty();
        } finally {
            BrokenHandlers.source = before;
        }
    }
}
