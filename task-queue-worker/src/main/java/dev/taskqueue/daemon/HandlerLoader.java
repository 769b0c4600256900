package dev.taskqueue.daemon;

import dev.taskqueue.config.InvalidSettingException;
import dev.taskqueue.config.Variables;
import dev.taskqueue.worker.HandlerProvider;
import dev.taskqueue.worker.TaskContext;
import dev.taskqueue.worker.TaskHandler;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects handlers: those that the jars in a folder declare as {@link java.util.ServiceLoader} has it, and the samples. Whatever comes from a
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

    private static final Logger LOG = LoggerFactory.getLogger(HandlerLoader.class);
    private static final int MAX_DESCRIPTION = 300;

    private final Map<String, TaskHandler> handlers = new TreeMap<>();
    private final List<URLClassLoader> loaders = new ArrayList<>();

    void addSamples() {
        SampleHandlers.all().forEach((type, handler) -> add("the samples", type, handler));
    }

    /**
     * @throws InvalidSettingException if the folder, a jar in it or a provider of a jar cannot be used
     */
    void addJars(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw Variables.invalid("HANDLERS_DIR", folder.toString(), "a folder of jars");
        }
        List<ProviderJar> jars = ProviderJar.of(folder);
        if (jars.isEmpty()) {
            LOG.atWarn().addKeyValue("folder", folder).log("HANDLERS_DIR holds no jar");
        }
        jars.stream()
                .filter(jar -> jar.providers().isEmpty())
                .forEach(jar -> LOG.atWarn()
                        .addKeyValue("jar", jar.name())
                        .log("jar in HANDLERS_DIR declares no HandlerProvider; used for the classes in it alone"));
        // One loader for all, so that a handler's jar may come with the jars that it needs.
        URLClassLoader loader = new URLClassLoader(
                jars.stream().map(ProviderJar::url).toArray(URL[]::new), HandlerLoader.class.getClassLoader());
        loaders.add(loader);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            Set<String> seen = new HashSet<>();
            for (ProviderJar jar : jars) {
                for (String provider : jar.providers()) {
                    if (seen.add(provider)) {
                        String name = provider + " in " + Variables.printable(jar.name());
                        addAll(make(provider, name, loader), name, loader);
                    }
                }
            }
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** As ServiceLoader does, whose errors do not tell from which jar a provider came. */
    private static HandlerProvider make(String provider, String name, ClassLoader loader) {
        String problem;
        try {
            return Class.forName(provider, true, loader)
                    .asSubclass(HandlerProvider.class)
                    .getConstructor()
                    .newInstance();
        } catch (ClassNotFoundException e) {
            problem = e.getMessage().equals(provider) ? "there is no such class" : describe(e);
        } catch (ClassCastException e) {
            problem = "it is no HandlerProvider";
        } catch (InvocationTargetException e) {
            problem = describe(e.getCause());
        } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            problem = "it must be a public class with a public constructor without parameters";
        } catch (LinkageError e) {
            problem = describe(e);
        }
        throw new InvalidSettingException("HANDLERS_DIR: the provider " + name + " cannot be loaded: " + problem);
    }

    private void addAll(HandlerProvider provider, String name, ClassLoader loader) {
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
            return shorten(text);
        } catch (RuntimeException | Error e) {
            return "a " + object.getClass().getName();
        }
    }

    private static String shorten(String text) {
        return text.substring(0, Math.min(text.length(), MAX_DESCRIPTION)).replaceAll("\\s+", " ");
    }

    private void add(String origin, String type, TaskHandler handler) {
        if (handlers.putIfAbsent(type, handler) != null) {
            throw new InvalidSettingException("type \"" + type + "\" of " + origin
                    + " has a handler already; set SAMPLE_HANDLERS=false if a sample is in the way");
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
