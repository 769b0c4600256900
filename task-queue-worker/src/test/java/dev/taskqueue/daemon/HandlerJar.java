package dev.taskqueue.daemon;

import dev.taskqueue.worker.HandlerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Packs a handler provider into a jar, as a user would. */
final class HandlerJar {

    private HandlerJar() {}

    static void write(Path file, Class<? extends HandlerProvider> provider) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file));
                InputStream code = provider.getResourceAsStream(provider.getSimpleName() + ".class")) {
            jar.putNextEntry(new JarEntry(provider.getName().replace('.', '/') + ".class"));
            jar.write(code.readAllBytes());
            jar.putNextEntry(new JarEntry("META-INF/services/" + HandlerProvider.class.getName()));
            jar.write(provider.getName().getBytes(StandardCharsets.UTF_8));
        }
    }
}
