package dev.taskqueue.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.config.InvalidSettingException;
import dev.taskqueue.config.Variables;
import dev.taskqueue.worker.HandlerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * A jar of the folder, opened once before it is used: a class loader passes over one that is broken, and its handlers would
 * just not be there.
 *
 * @param name the file's name
 * @param url for a class loader
 * @param providers the classes that it declares
 */
record ProviderJar(String name, URL url, List<String> providers) {

    private static final String DECLARATION = "META-INF/services/" + HandlerProvider.class.getName();

    /**
     * @return the jars of a folder, by name
     * @throws InvalidSettingException if the folder or a jar cannot be read
     */
    static List<ProviderJar> of(Path folder) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
            found.forEach(files::add);
        } catch (IOException e) {
            throw new InvalidSettingException("HANDLERS_DIR is \"" + Variables.printable(folder.toString())
                    + "\"; it cannot be read: " + e.getMessage());
        }
        return files.stream().sorted().map(ProviderJar::open).toList();
    }

    private static ProviderJar open(Path file) {
        String name = file.getFileName().toString();
        try (JarFile jar = new JarFile(file.toFile())) {
            ZipEntry entry = jar.getEntry(DECLARATION);
            List<String> providers = List.of();
            if (entry != null) {
                try (InputStream in = jar.getInputStream(entry)) {
                    providers = parse(new String(in.readAllBytes(), UTF_8));
                }
            }
            return new ProviderJar(name, toUrl(file), providers);
        } catch (IOException e) {
            throw new InvalidSettingException(
                    "HANDLERS_DIR: " + Variables.printable(name) + " is no jar, or a broken one: " + e.getMessage());
        }
    }

    /** One class a line; what follows a # is a comment. */
    private static List<String> parse(String declaration) {
        return declaration
                .lines()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private static URL toUrl(Path file) {
        try {
            return file.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("a path that is no URL: " + file, e);
        }
    }
}
