package dev.taskqueue.daemon;

import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskContext;
import dev.taskqueue.worker.TaskHandler;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * Collects handlers: those of the jars in a folder, found by {@link ServiceLoader}, and the samples. Whatever comes from a
 * jar is loaded, asked and run with the loader of the jars as its thread's context class loader.
 */
final class HandlerLoader implements AutoCloseable {

    /** A handler of a jar: looks classes and services up where it came from, as libraries do by the context class loader. */
    private record FromJar(TaskHandler handler, ClassLoader loader) implements TaskHandler {

        @Override
        public Object handle(TaskContext task) throws Exception {
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(loader);
            try {
                return handler.handle(task);
            } finally {
                thread.setContextClassLoader(before);
            }
        }
    }

    private static final int MAX_DESCRIPTION = 300;

    private final Map<String, TaskHandler> handlers = new TreeMap<>();
    private final List<URLClassLoader> loaders = new ArrayList<>();

    void addSamples() {
        SampleHandlers.all().forEach((type, handler) -> add("the samples", type, handler));
    }

    /**
     * @throws InvalidSettingException if the folder or a jar in it cannot be used
     */
    void addJars(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw Variables.invalid("HANDLERS_DIR", folder.toString(), "a folder of jars");
        }
        List<URL> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path jar : files) {
                jars.add(toUrl(jar));
            }
        } catch (IOException e) {
            throw new InvalidSettingException("HANDLERS_DIR is \"" + Variables.printable(folder.toString())
                    + "\"; it cannot be read: " + e.getMessage());
        }
        // One loader for all, so that a handler's jar may come with the jars that it needs.
        URLClassLoader loader = new URLClassLoader(jars.toArray(URL[]::new), HandlerLoader.class.getClassLoader());
        loaders.add(loader);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            for (HandlerProvider provider : ServiceLoader.load(HandlerProvider.class, loader)) {
                addAll(provider, loader);
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new InvalidSettingException("HANDLERS_DIR is \"" + Variables.printable(folder.toString())
                    + "\"; a handler in it cannot be loaded: " + e.getMessage());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private void addAll(HandlerProvider provider, ClassLoader loader) {
        String name = provider.getClass().getName();
        ask(provider, name).forEach((type, handler) -> {
            if (!(type instanceof String text) || !(handler instanceof TaskHandler taskHandler)) {
                throw new InvalidSettingException("HANDLERS_DIR: the handlers of " + name + " hold " + describe(handler)
                        + " for the type " + describe(type) + "; each type must be text, and have a handler");
            }
            add(name, text, new FromJar(taskHandler, loader));
        });
    }

    /** A copy, as reading what a provider returns may fail too; and unchecked, as it may hold anything. */
    private static Map<?, ?> ask(HandlerProvider provider, String name) {
        Map<?, ?> provided;
        try {
            provided = provider.handlers();
            if (provided != null) {
                return new HashMap<>(provided);
            }
        } catch (Exception | Error e) {
            throw new InvalidSettingException(
                    "HANDLERS_DIR: the handlers of " + name + " cannot be had: " + describe(e));
        }
        throw new InvalidSettingException("HANDLERS_DIR: the handlers of " + name + " are null; they must be a map");
    }

    /** One line, also of what cannot tell itself. */
    private static String describe(Object object) {
        try {
            String text = object instanceof String ? "\"" + object + "\"" : String.valueOf(object);
            return text.substring(0, Math.min(text.length(), MAX_DESCRIPTION)).replaceAll("\\s+", " ");
        } catch (RuntimeException | Error e) {
            return "a " + object.getClass().getName();
        }
    }

    private void add(String origin, String type, TaskHandler handler) {
        if (handlers.putIfAbsent(type, handler) != null) {
            throw new InvalidSettingException("type \"" + type + "\" of " + origin
                    + " has a handler already; set SAMPLE_HANDLERS=false if a sample is in the way");
        }
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
