package dev.taskqueue.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files of the page: its own, and those of the libraries that it uses, all from the class path, so that a browser asks no
 * other host. Nothing in them is secret: they are served without a token. Thread-safe.
 */
final class Assets {

    /**
     * One file.
     *
     * @param type its media type
     * @param bytes what it holds; not to be changed
     * @param etag an entity tag of the bytes, with its quotes
     */
    record Asset(String type, byte[] bytes, String etag) {}

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");

    /** No dot but the one before the ending, so that no path leads out of the folders that there are. */
    private static final Pattern NAME =
            Pattern.compile("(?:pages/|lit/(?:directives/)?)?[a-z-]+\\.(?<ending>html|js|css|svg)");

    /** Asked for again each time, and sent again only if it has changed: a new version must not meet old files. */
    private static final String CACHING = "no-cache";

    private static final String WEBJARS = "/META-INF/resources/webjars/";

    private final Properties folders = new Properties();
    private final Map<String, Asset> read = new ConcurrentHashMap<>();

    Assets() {
        try (InputStream in = Assets.class.getResourceAsStream("webjars.properties")) {
            folders.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The page, the form that signs in where there are no scripts, and all that they ask for. */
    List<Route> routes() {
        return List.of(
                Route.get("/", Role.ANYONE, request -> serve("index.html", request)),
                Route.get("/sign-in", Role.ANYONE, request -> serve("sign-in.html", request)),
                Route.get("/assets/{file}", Role.ANYONE, request -> serve(request.path("file"), request)),
                Route.get(
                        "/assets/{folder}/{file}",
                        Role.ANYONE,
                        request -> serve(request.path("folder") + "/" + request.path("file"), request)),
                Route.get(
                        "/assets/{folder}/{sub}/{file}",
                        Role.ANYONE,
                        request -> serve(
                                request.path("folder") + "/" + request.path("sub") + "/" + request.path("file"),
                                request)));
    }

    private Response serve(String name, Request request) {
        Asset asset = find(name).orElseThrow(() -> Problem.notFound("there is no such file"));
        boolean known =
                isKnown(asset.etag(), request.exchange().getRequestHeaders().getFirst("If-None-Match"));
        return new Response(
                known ? 304 : 200,
                Map.of("Content-Type", asset.type(), "Cache-Control", CACHING, "ETag", asset.etag()),
                known ? new byte[0] : asset.bytes());
    }

    /** A proxy that compresses has made the tag a weak one; several may be named. */
    static boolean isKnown(String etag, @Nullable String tags) {
        return tags != null
                && Arrays.stream(tags.split(","))
                        .map(tag -> tag.strip().replaceFirst("^W/", ""))
                        .anyMatch(tag -> tag.equals(etag) || tag.equals("*"));
    }

    /** What lies beside this class under a fixed name. */
    static byte[] read(String file) {
        try (InputStream in = Assets.class.getResourceAsStream(file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param name a path below {@code assets/}, such as {@code pages/dead.js}
     * @return the file; empty if there is none of this name
     */
    Optional<Asset> find(String name) {
        var matched = NAME.matcher(name);
        if (!matched.matches()) {
            return Optional.empty();
        }
        Asset known = read.get(name);
        if (known == null) {
            known = load(resourceOf(name), TYPES.get(matched.group("ending")));
            if (known == null) {
                return Optional.empty();
            }
            // Only what exists is kept: as many as there are files.
            read.put(name, known);
        }
        return Optional.of(known);
    }

    private String resourceOf(String name) {
        if (name.equals("uplot.js")) {
            return WEBJARS + folders.getProperty("uplot") + "/dist/uPlot.esm.js";
        }
        if (name.equals("uplot.css")) {
            return WEBJARS + folders.getProperty("uplot") + "/dist/uPlot.min.css";
        }
        if (name.startsWith("lit/")) {
            return WEBJARS + folders.getProperty("lit") + name.substring("lit".length());
        }
        return "page/" + name;
    }

    private static @Nullable Asset load(String resource, String type) {
        try (InputStream in = Assets.class.getResourceAsStream(resource)) {
            if (in == null) {
                return null;
            }
            byte[] bytes = in.readAllBytes();
            if (type.startsWith("text/javascript")) {
                // Its source map is not served, and a browser's tools would ask for it.
                bytes = new String(bytes, StandardCharsets.UTF_8)
                        .replaceAll("(?m)^//# sourceMappingURL=.*$", "")
                        .getBytes(StandardCharsets.UTF_8);
            }
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Asset(type, bytes, '"' + HexFormat.of().formatHex(hash, 0, 8) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
