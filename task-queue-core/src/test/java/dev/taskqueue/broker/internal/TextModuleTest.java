package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.taskqueue.RawJson;
import dev.taskqueue.Task;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Jackson module on the class path that writes texts and numbers in its own way, such as encrypted. */
class TextModuleTest {

    /** Such a module; Jackson finds it where a service file names it. */
    public static final class Masking extends SimpleModule {

        private static final long serialVersionUID = 1L;

        /** For the loader. */
        public Masking() {
            addSerializer(String.class, new Mask<>());
            addSerializer(Long.class, new Mask<>());
        }
    }

    private static final class Mask<T> extends JsonSerializer<T> {

        @Override
        public void serialize(T value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString("***");
        }
    }

    /** Writes a text as a payload. */
    static final class Payload implements Supplier<String> {

        @Override
        public String get() {
            return RawJson.of("secret").toString();
        }
    }

    /** Writes what the library adds to a task of its own accord. */
    static final class Additions implements Supplier<String> {

        @Override
        public String get() {
            Task task = new Task(
                    "id",
                    "t",
                    RawJson.NULL,
                    Task.of("t", null).options(),
                    Task.of("t", null).history(),
                    Map.of());
            byte[] letter =
                    new DeadLetterWriter(new TaskCodec(1_000)).ofTask(task, "gave up", Optional.of("at a line"), 5);
            return Bytes.text(letter) + Parking.parked(task, 6).extraFields();
        }
    }

    @TempDir
    Path folder;

    @BeforeEach
    void installTheModule() throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve("com.fasterxml.jackson.databind.Module"), Masking.class.getName());
    }

    /** In the library loaded once more, with that service file, as its mapper is made once and for all. */
    private String writtenWithModule(Class<? extends Supplier<String>> writer) throws Exception {
        List<URL> urls = new ArrayList<>(List.of(folder.toUri().toURL()));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            var constructor = loader.loadClass(writer.getName()).getDeclaredConstructor();
            constructor.setAccessible(true);
            return ((Supplier<?>) constructor.newInstance()).get().toString();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void writes_texts_alone_too() throws Exception {
        assertThat(new Payload().get()).isEqualTo("\"secret\"");
        assertThat(writtenWithModule(Payload.class)).isEqualTo("\"***\"");
    }

    @Test
    void does_not_touch_what_the_library_itself_says_of_a_task() throws Exception {
        assertThat(writtenWithModule(Additions.class))
                .contains("\"reason\":\"gave up\"", "\"died_at\":5", "\"stack\":\"at a line\"", "=6}");
    }
}
