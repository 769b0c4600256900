package dev.taskqueue.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.taskqueue.RawJson;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Jackson module on the class path that writes texts in its own way, such as encrypted: no text passes it by. */
class TextModuleTest {

    /** Such a module; Jackson finds it where a service file names it. */
    public static final class Masking extends SimpleModule {

        private static final long serialVersionUID = 1L;

        /** For the loader. */
        public Masking() {
            addSerializer(String.class, new JsonSerializer<>() {
                @Override
                public void serialize(String text, JsonGenerator json, SerializerProvider provider) throws IOException {
                    json.writeString("***");
                }
            });
        }
    }

    @TempDir
    Path folder;

    /** The library once more, with another service file, as its mapper is made once and for all. */
    private String written(String text) throws Exception {
        List<URL> urls = new ArrayList<>(List.of(folder.toUri().toURL()));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            return loader.loadClass(RawJson.class.getName())
                    .getMethod("of", Object.class)
                    .invoke(null, text)
                    .toString();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void writes_texts_alone_too() throws Exception {
        assertThat(written("secret")).isEqualTo("\"secret\"");
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve("com.fasterxml.jackson.databind.Module"), Masking.class.getName());
        assertThat(written("secret")).isEqualTo("\"***\"");
    }
}
