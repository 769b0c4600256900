package dev.taskqueue.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Self-signed certificates for a server named localhost and for a client, made by the JDK's own keytool, as PEM files. */
public record TestCertificates(
        Path ca, Path serverCertificate, Path serverKey, Path clientCertificate, Path clientKey) {

    private static final String PASSWORD = "password";

    public static TestCertificates make(Path folder) {
        try {
            Path server = store(folder, "server", "RSA");
            Path client = store(folder, "client", "EC");
            Path ca = folder.resolve("ca.pem");
            Files.writeString(ca, certificate(server) + certificate(client));
            return new TestCertificates(
                    ca,
                    Files.writeString(folder.resolve("server.pem"), certificate(server)),
                    Files.writeString(folder.resolve("server.key"), key(server)),
                    Files.writeString(folder.resolve("client.pem"), certificate(client)),
                    Files.writeString(folder.resolve("client.key"), key(client)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path store(Path folder, String name, String algorithm) throws IOException {
        Path file = folder.resolve(name + ".p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "own",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-validity",
                "2",
                "-ext",
                "san=dns:localhost",
                "-ext",
                "bc=ca:true",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD));
        try {
            if (new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() != 0) {
                throw new IllegalStateException("keytool failed: " + command);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return file;
    }

    private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static String certificate(Path file) throws IOException, GeneralSecurityException {
        return pem("CERTIFICATE", load(file).getCertificate("own").getEncoded());
    }

    private static String key(Path file) throws IOException, GeneralSecurityException {
        return pem(
                "PRIVATE KEY", load(file).getKey("own", PASSWORD.toCharArray()).getEncoded());
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + kind + "-----\n";
    }
}
