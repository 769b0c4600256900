package dev.taskqueue.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Real servers, and settings that are right in themselves and wrong for them: each ends a program with exit code 2 and one
 * line that says which setting to change, within a few seconds.
 */
public final class WrongServers implements AutoCloseable {

    /**
     * @param name what is wrong
     * @param environment the settings
     * @param sentence what the line must hold
     */
    public record Row(String name, Map<String, String> environment, String sentence) {}

    private final RedisProcess plain;
    private final RedisProcess secret;
    private final RedisProcess tls;
    private final RedisProcess sentinel;
    private final List<Row> rows = new ArrayList<>();

    private WrongServers(RedisProcess plain, RedisProcess secret, RedisProcess tls, RedisProcess sentinel) {
        this.plain = plain;
        this.secret = secret;
        this.tls = tls;
        this.sentinel = sentinel;
    }

    /**
     * @param folder for certificates
     */
    public static WrongServers start(Path folder) {
        TestCertificates good = TestCertificates.make(folder);
        int tlsPort = RedisProcess.freePort();
        RedisProcess plain = RedisProcess.start();
        RedisProcess secret = RedisProcess.start();
        RedisProcess tls = RedisProcess.start(
                "--tls-port", Integer.toString(tlsPort),
                "--tls-cert-file", good.serverCertificate().toString(),
                "--tls-key-file", good.serverKey().toString(),
                "--tls-ca-cert-file", good.ca().toString());
        RedisProcess sentinel = RedisProcess.startSentinelOf(plain);
        WrongServers servers = new WrongServers(plain, secret, tls, sentinel);
        secret.command("CONFIG", "SET", "requirepass", "hunter2");
        servers.addPlain();
        servers.addSecret();
        try {
            servers.addTls("localhost:" + tlsPort, good, Files.createDirectory(folder.resolve("other")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return servers;
    }

    public List<Row> rows() {
        return rows;
    }

    private void add(String name, String sentence, String... settings) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        rows.add(new Row(name, environment, sentence));
    }

    private void addPlain() {
        String address = plain.settings().address();
        String url = "rediss://" + address;
        add("TLS against a plain server", "does not speak TLS", "REDIS_ADDR", address, "REDIS_TLS", "true");
        add("rediss against a plain server", "does not speak TLS", "REDIS_URL", url);
        add("cluster against a plain server", "REDIS_MODE is cluster", "REDIS_ADDR", address, "REDIS_MODE", "cluster");
        add(
                "Sentinel against a plain server",
                "is not a Sentinel",
                "REDIS_ADDR",
                address,
                "REDIS_SENTINEL_MASTER",
                "m");
        String watcher = sentinel.settings().address();
        add("no such master", "REDIS_SENTINEL_MASTER is \"m\"", "REDIS_ADDR", watcher, "REDIS_SENTINEL_MASTER", "m");
        add("a Sentinel as a server", "is a Sentinel; set REDIS_SENTINEL_MASTER", "REDIS_ADDR", watcher);
        add("no such database", "REDIS_DB is 99", "REDIS_ADDR", address, "REDIS_DB", "99");
    }

    private void addSecret() {
        String address = secret.settings().address();
        add("no password", "set REDIS_PASSWORD", "REDIS_ADDR", address);
        add("a wrong password", "check REDIS_PASSWORD", "REDIS_ADDR", address, "REDIS_PASSWORD", "wr0ng");
        add("a wrong user", "check REDIS_USERNAME and REDIS_PASSWORD", "REDIS_URL", "redis://nobody:wr0ng@" + address);
    }

    private void addTls(String address, TestCertificates good, Path folder) {
        String ca = good.ca().toString();
        TestCertificates other = TestCertificates.make(folder);
        add("plain against a TLS server", "speaks TLS; set REDIS_TLS=true", "REDIS_ADDR", address);
        add("no CA", "set REDIS_TLS_CA", "REDIS_ADDR", address, "REDIS_TLS", "true");
        add(
                "another CA",
                "REDIS_TLS_CA is ",
                "REDIS_URL",
                "rediss://" + address,
                "REDIS_TLS_CA",
                other.ca().toString());
        add("no certificate", "set REDIS_TLS_CERT", "REDIS_URL", "rediss://" + address, "REDIS_TLS_CA", ca);
        add(
                "a certificate that the server does not know",
                "REDIS_TLS_CERT is ",
                "REDIS_URL",
                "rediss://" + address,
                "REDIS_TLS_CA",
                ca,
                "REDIS_TLS_CERT",
                other.clientCertificate().toString(),
                "REDIS_TLS_KEY",
                other.clientKey().toString());
        add(
                "a name that is not the server's",
                "is for another host",
                "REDIS_URL",
                "rediss://" + address.replace("localhost", "127.0.0.1"),
                "REDIS_TLS_CA",
                ca,
                "REDIS_TLS_CERT",
                good.clientCertificate().toString(),
                "REDIS_TLS_KEY",
                good.clientKey().toString());
    }

    @Override
    public void close() {
        for (RedisProcess server : List.of(sentinel, tls, secret, plain)) {
            server.close();
        }
    }
}
