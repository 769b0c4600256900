package dev.taskqueue.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * For every setting of {@code .env.example} at least three values that are not allowed, alone or beside others: each ends a
 * program with exit code 2 and one line that names the setting.
 */
public final class BadSettings {

    /**
     * @param name the setting, which the line must name
     * @param value what is wrong
     * @param others what else is set
     * @param sentence what the line must hold
     */
    public record Row(String name, String value, Map<String, String> others, String sentence) {

        public Map<String, String> environment() {
            Map<String, String> all = new HashMap<>(others);
            all.put(name, value);
            return all;
        }

        @Override
        public String toString() {
            return name + "=" + value + (others.isEmpty() ? "" : " " + others);
        }
    }

    /** Any text is a password; what a server makes of one is told elsewhere. */
    private static final List<String> OF_ANY_TEXT = List.of("REDIS_PASSWORD");

    private final List<Row> rows = new ArrayList<>();

    private BadSettings() {}

    /**
     * @param folder for files that are not what they should be
     * @return those that workers and clients read
     */
    public static List<Row> ofBoth(Path folder) {
        BadSettings table = new BadSettings();
        try {
            table.redis();
            table.tls(folder);
            table.queue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table.rows;
    }

    /** Like {@link #ofBoth}, those that a worker alone reads. */
    public static List<Row> ofWorkers(Path folder) {
        BadSettings table = new BadSettings();
        try {
            table.worker(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table.rows;
    }

    /** Like {@link #ofBoth}, those that a dashboard alone reads. */
    public static List<Row> ofDashboards() {
        BadSettings table = new BadSettings();
        for (String token : List.of("DASHBOARD_VIEWER_TOKEN", "DASHBOARD_OPERATOR_TOKEN", "DASHBOARD_ADMIN_TOKEN")) {
            table.add(
                    token,
                    "it must be 16 to 256 letters",
                    "s3cret",
                    "s3cret with blanks in it",
                    "s3cret-ümläut-0123456");
        }
        table.beside(
                Map.of("DASHBOARD_VIEWER_TOKEN", "s3cret-of-two-roles"),
                "DASHBOARD_ADMIN_TOKEN",
                "s3cret-of-two-roles",
                "the token of another role");
        table.add("DASHBOARD_HOSTS", "is no name of a host", "a b", "queue.example.com:8080", "a,,b", "a/b");
        table.add("PAYLOAD_REDACT", "is no JSON pointer", "card", "/card,", "/a~2");
        return table.rows;
    }

    /** One row of each setting, for what starts a process for each. */
    public static List<Row> firstOfEach(List<Row> rows) {
        Map<String, Row> first = new LinkedHashMap<>();
        rows.forEach(row -> first.putIfAbsent(row.name(), row));
        return List.copyOf(first.values());
    }

    /** The names in {@code .env.example} that can have a bad value. */
    public static TreeSet<String> names() {
        try (var lines = Files.lines(Path.of("..", ".env.example"))) {
            TreeSet<String> names = new TreeSet<>(lines.takeWhile(line -> !line.equals("# --- Docker Compose only ---"))
                    .filter(line -> line.matches("[A-Z_]+=.*"))
                    .map(line -> line.substring(0, line.indexOf('=')))
                    .toList());
            OF_ANY_TEXT.forEach(names::remove);
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String name, String sentence, String... values) {
        for (String value : values) {
            rows.add(new Row(name, value, Map.of(), sentence));
        }
    }

    private void beside(Map<String, String> others, String name, String value, String sentence) {
        rows.add(new Row(name, value, others, sentence));
    }

    private void redis() {
        add("REDIS_ADDR", "holds a URL, a user or a password", "redis://localhost:6379", "me:pw@localhost:6379");
        add("REDIS_ADDR", "names no host", ":6379", "a:1,,b:2");
        add("REDIS_ADDR", "with a port of 1 to 65535", "localhost:0", "localhost:x", "localhost:65536");
        add("REDIS_ADDR", "several addresses", "a:1,b:2");
        add("REDIS_URL", "it must begin with redis:// or rediss://", "http://localhost", "localhost:6379");
        add(
                "REDIS_URL",
                "@ must be written %40",
                "redis://:p@ss@localhost",
                "redis://me:p/ss@localhost",
                "redis://:p#s@h");
        add("REDIS_URL", "it names no host", "redis://:pw@:6379", "redis:///1");
        add("REDIS_URL", "a number", "redis://localhost/main");
        add("REDIS_URL", "no password", "redis://me:@localhost");
        add("REDIS_USERNAME", "no password", "joe");
        add("REDIS_USERNAME", "a name without blanks", "jo e", "jo\te");
        add("REDIS_DB", "a whole number from 0 to 16383", "-1", "16384", "first", "1.0");
        beside(Map.of("REDIS_MODE", "cluster"), "REDIS_DB", "2", "a cluster has database 0 alone");
        add("REDIS_MODE", "single, sentinel or cluster", "ring", "SENTINEL");
        add("REDIS_MODE", "REDIS_SENTINEL_MASTER", "sentinel");
        beside(Map.of("REDIS_SENTINEL_MASTER", "main"), "REDIS_MODE", "cluster", "it must be sentinel");
        add("REDIS_SENTINEL_MASTER", "holds a URL, a user or a password", "redis://main", "me@main");
        add("REDIS_SENTINEL_MASTER", "a name without blanks", "my master");
        add("REDIS_SENTINEL_PASSWORD", "REDIS_SENTINEL_MASTER is not; they go together", "pw", "s3cret", "x y");
    }

    private void tls(Path folder) throws IOException {
        Map<String, String> on = Map.of("REDIS_TLS", "true");
        String none = folder.resolve("none.pem").toString();
        String empty = Files.writeString(folder.resolve("empty.pem"), "").toString();
        String text = Files.writeString(folder.resolve("text.pem"), "Hello").toString();
        String half = Files.writeString(folder.resolve("half.pem"), "-----BEGIN CERTIFICATE-----\nMIIB\n")
                .toString();
        add("REDIS_TLS", "it must be true or false", "yes", "1", "on");
        beside(on, "REDIS_TLS_CA", none, "there is no such file");
        beside(on, "REDIS_TLS_CA", folder.toString(), "that is a folder");
        for (String file : List.of(empty, text, half)) {
            beside(on, "REDIS_TLS_CA", file, "must be a PEM file of certificates");
        }
        add("REDIS_TLS_CA", "REDIS_TLS is false", "/etc/ca.pem");
        TestCertificates good = TestCertificates.make(folder);
        String certificate = good.clientCertificate().toString();
        String key = good.clientKey().toString();
        Map<String, String> withKey = Map.of("REDIS_TLS", "true", "REDIS_TLS_KEY", key);
        beside(withKey, "REDIS_TLS_CERT", none, "there is no such file");
        beside(withKey, "REDIS_TLS_CERT", key, "must be a PEM file of certificates");
        beside(on, "REDIS_TLS_CERT", certificate, "REDIS_TLS_KEY is not; they go together");
        Map<String, String> withCertificate = Map.of("REDIS_TLS", "true", "REDIS_TLS_CERT", certificate);
        String foreign = good.serverKey().toString();
        beside(withCertificate, "REDIS_TLS_KEY", foreign, "must hold the key of the first certificate in");
        beside(withCertificate, "REDIS_TLS_KEY", certificate, "must be a PKCS #8 key");
        beside(withCertificate, "REDIS_TLS_KEY", folder.toString(), "that is a folder");
        beside(on, "REDIS_TLS_KEY", key, "REDIS_TLS_CERT is not; they go together");
    }

    private void queue() {
        add("QUEUE_NAME", "white space", "a b", "{a}", "a/b");
        add("QUEUE_NAME", "names a part of another queue", "a:dead");
        add("TASK_ROUTES", "it must be type=queue, or prefix*=queue", "emails", "a=b,", ",");
        add("TASK_ROUTES", "entry 2 is \"a*b=c\": route pattern is \"a*b\"; * is allowed", "x=y,a*b=c");
        add("TASK_ROUTES", "it must be a type of 1 to 128 characters", "=emails", "a=b, =c");
        add("TASK_ROUTES", "entry 1 is \"a=\": queue name is", "a=");
        add("TASK_ROUTES", "names a part of another queue", "a=mail:dead");
        add(
                "TASK_ROUTES",
                "entry 2 is \"a:b=y\": route pattern is \"a:b\"; the route \"a:*\" before it",
                "a:*=x,a:b=y");
        add("TASK_STATUS_TTL", "a duration such as", "24", "-1s", "400d");
        add("IDEMPOTENCY_TTL", "a duration such as", "0", "1ms", "a day");
        add("MAX_RECOVERIES", "a whole number from 0 to 1000000", "-1", "1e3", "2000000");
        add("REDIS_WAIT_REPLICAS", "a whole number from 0 to 100", "-1", "101", "all");
        add("REDIS_WAIT_TIMEOUT", "a duration such as", "0", "2m", "1");
        add("LOG_PAYLOADS", "it must be true or false", "yes", "1", "on");
        add("DEFAULT_MAX_RETRIES", "a whole number from 0 to 10000", "-1", "10001", "many");
    }

    private void worker(Path folder) throws IOException {
        add("WORKER_QUEUES", "it must be name, name:weight or name:weight/threads", ",", "a,", "a/b", "a:1/x");
        add("WORKER_QUEUES", "entry 2 is \"a:0\": weight is 0", "b,a:0");
        add("WORKER_QUEUES", "maxThreads is 0", "a:1/0");
        add("WORKER_QUEUES", "queue \"a\" is given twice", "a:1,b,a:2");
        add("WORKER_QUEUES", "names a part of another queue", "mail:dead");
        add("WORKER_CONCURRENCY", "a whole number from 1 to 1000", "0", "1001", "many");
        add("METRICS_PORT", "a port from 0 to 65535", ":x", "65536", "-1", "no.such.host.invalid:2112");
        add("METRICS_PORT", "cannot listen there", "192.0.2.1:2112");
        add("WORKER_LEASE", "a duration such as", "30", "500ms", "2h");
        add("WORKER_SHUTDOWN_GRACE", "a duration such as", "30", "-1s", "25h");
        add("TASK_TIMEOUT", "a duration such as", "1", "8d", "1.5s");
        add("UNKNOWN_TYPE_GRACE", "a duration such as", "1", "366d", "-1s");
        add("DEAD_MAX", "a whole number from 0 to 100000000", "-1", "100000001", "many");
        add("DEAD_TTL", "a duration such as", "30", "-1s", "3651d");
        add("DEAD_TTL", "0, or a duration from 1s to 3650d", "500ms");
        add("RETRY_BACKOFF_BASE", "a duration such as", "0", "15", "25h");
        add("RETRY_BACKOFF_BASE", "must not be longer than RETRY_BACKOFF_MAX", "2h");
        add("RETRY_BACKOFF_MAX", "a duration such as", "0", "1", "2d");
        add("RETRY_BACKOFF_MAX", "must not be longer than RETRY_BACKOFF_MAX", "1ms");
        Path file = Files.writeString(folder.resolve("handlers.txt"), "");
        add("HANDLERS_DIR", "it must be a folder of jars", "/nowhere", file.toString());
        Path broken = Files.createDirectory(folder.resolve("broken"));
        Files.writeString(broken.resolve("mine.jar"), "Hello");
        add("HANDLERS_DIR", "mine.jar is no jar, or a broken one", broken.toString());
        add("SAMPLE_HANDLERS", "true or false", "maybe", "1", "no");
        crons(folder);
        add("LOG_FORMAT", "text or json", "xml", "logfmt", "1");
        add("LOG_LEVEL", "ERROR, WARN, INFO, DEBUG or TRACE", "loud", "ALL", "0");
    }

    private void crons(Path folder) throws IOException {
        add("CRON_FILE", "there is no such file", folder.resolve("none.cron").toString());
        add("CRON_FILE", "that is a folder", folder.toString());
        Path file = folder.resolve("binary.cron");
        Files.write(file, new byte[] {(byte) 0xff, 0});
        add("CRON_FILE", "it must be text in UTF-8", file.toString());
        cron(folder, "line 3: minute is \"60\"; allowed are 0 to 59", "# all of them\n\na 60 * * * * t\n");
        cron(folder, "line 2: name is \"a\", as in line 1", "a @daily t\na @hourly t");
        add("CRON_OWNER", "a name of 1 to 128 characters without blanks", "a b", "x\ty", "x".repeat(129));
    }

    private void cron(Path folder, String sentence, String lines) throws IOException {
        Path file = Files.createTempFile(folder, "bad", ".cron");
        Files.writeString(file, lines);
        add("CRON_FILE", sentence, file.toString());
    }
}
