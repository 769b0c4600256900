package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.config.InvalidSettingException;
import dev.taskqueue.testing.LogCapture;
import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
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
                        "type \"noop\" of " + BrokenHandlers.class.getName() + " in mine.jar has a handler already"));
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

    private void writeJar(String name, String provider) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            jar.putNextEntry(new JarEntry("META-INF/services/" + HandlerProvider.class.getName()));
            jar.write((provider + " # ours\n").getBytes(UTF_8));
        }
    }

    private void assertRefused(String... texts) throws IOException {
        try (HandlerLoader loader = new HandlerLoader()) {
            assertThatThrownBy(() -> loader.addJars(folder))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith("HANDLERS_DIR")
                    .hasMessageContainingAll(texts)
                    .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
        }
    }

    @Test
    void a_jar_that_cannot_be_opened_is_told_by_its_name() throws Exception {
        Path jar = folder.resolve("mine.jar");
        Files.writeString(jar, "Hello");
        assertRefused("mine.jar is no jar, or a broken one");
        Files.write(jar, new byte[0]);
        assertRefused("mine.jar is no jar, or a broken one");
        HandlerJar.write(jar, ExternalHandlers.class);
        byte[] whole = Files.readAllBytes(jar);
        Files.write(jar, Arrays.copyOf(whole, whole.length / 2));
        assertRefused("mine.jar is no jar, or a broken one");
        Files.delete(jar);
        Files.createDirectory(jar);
        assertRefused("mine.jar is no jar, or a broken one");
    }

    @Test
    void a_provider_that_cannot_be_made_is_told_with_its_jar() throws Exception {
        writeJar("mine.jar", "com.acme.Missing");
        assertRefused("com.acme.Missing in mine.jar", "there is no such class");
        writeJar("mine.jar", "java.lang.String");
        assertRefused("java.lang.String in mine.jar", "it is no HandlerProvider");
        writeJar("mine.jar", NoConstructor.class.getName());
        assertRefused("in mine.jar", "a public constructor without parameters");
        writeJar("mine.jar", Throwing.class.getName());
        assertRefused("Throwing in mine.jar", "java.lang.IllegalStateException: no database");
        HandlerJar.write(folder.resolve("good.jar"), ExternalHandlers.class);
        assertRefused("Throwing in mine.jar");
    }

    @Test
    void a_jar_that_declares_nothing_is_warned_of_and_used() throws Exception {
        try (LogCapture log = new LogCapture(HandlerLoader.class);
                HandlerLoader loader = new HandlerLoader()) {
            loader.addJars(folder);
            assertThat(log.messages("HANDLERS_DIR holds no jar")).hasSize(1);
        }
        HandlerJar.write(folder.resolve("mine.jar"), ExternalHandlers.class);
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(folder.resolve("library.jar")))) {
            jar.putNextEntry(new JarEntry("some.txt"));
        }
        try (LogCapture log = new LogCapture(HandlerLoader.class);
                HandlerLoader loader = new HandlerLoader()) {
            loader.addJars(folder);
            assertThat(loader.handlers()).containsOnlyKeys("shout");
            assertThat(log.messages(""))
                    .singleElement()
                    .asString()
                    .contains("declares no HandlerProvider", "library.jar");
        }
    }

    /** Cannot be made by anybody else. */
    public static final class NoConstructor implements HandlerProvider {

        private NoConstructor() {}

        @Override
        public Map<String, TaskHandler> handlers() {
            return Map.of();
        }
    }

    /** Fails as it is made. */
    public static final class Throwing implements HandlerProvider {

        public Throwing() {
            throw new IllegalStateException("no database");
        }

        @Override
        public Map<String, TaskHandler> handlers() {
            return Map.of();
        }
    }
}
