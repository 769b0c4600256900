package dev.taskqueue.daemon;

import dev.taskqueue.config.InvalidSettingException;
import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskHandler;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Collects handlers: those of the jars in a folder, found by {@link ServiceLoader}, and the samples. */
final class HandlerLoader implements AutoCloseable {

    private final Map<String, TaskHandler> handlers = new TreeMap<>();
    private final List<URLClassLoader> loaders = new ArrayList<>();

    void addSamples() {
        add("the samples", SampleHandlers.all());
    }

    /**
     * @throws InvalidSettingException if the folder or a jar in it cannot be used
     */
    void addJars(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidSettingException("HANDLERS_DIR is \"" + folder + "\"; it must be a folder of jars");
        }
        List<URL> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path jar : files) {
                jars.add(toUrl(jar));
            }
        } catch (IOException e) {
            throw new InvalidSettingException(
                    "HANDLERS_DIR is \"" + folder + "\"; it cannot be read: " + e.getMessage());
        }
        // One loader for all, so that a handler's jar may come with the jars that it needs.
        URLClassLoader loader = new URLClassLoader(jars.toArray(URL[]::new), HandlerLoader.class.getClassLoader());
        loaders.add(loader);
        try {
            for (HandlerProvider provider : ServiceLoader.load(HandlerProvider.class, loader)) {
                add(provider.getClass().getName(), provider.handlers());
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new InvalidSettingException(
                    "HANDLERS_DIR is \"" + folder + "\"; a handler in it cannot be loaded: " + e.getMessage());
        }
    }

    private void add(String origin, Map<String, TaskHandler> more) {
        more.forEach((type, handler) -> {
            if (handlers.putIfAbsent(type, handler) != null) {
                throw new InvalidSettingException("type \"" + type + "\" of " + origin
                        + " has a handler already; set SAMPLE_HANDLERS=false if a sample is in the way");
            }
        });
    }

    private static URL toUrl(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("a path that is no URL: " + jar, e);
        }
    }

    Map<String, TaskHandler> handlers() {
        return handlers;
    }

    @Override
    public void close() throws IOException {
        for (URLClassLoader loader : loaders) {
            loader.close();
        }
    }
}
