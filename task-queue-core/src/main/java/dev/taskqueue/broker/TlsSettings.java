package dev.taskqueue.broker;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TLS trust store and client certificate, both as PEM files, which are read when they are given to a {@link RedisSettings.Builder}. The server's
 * name is always checked against its certificate. Immutable; every {@code with…} method returns a copy.
 */
public final class TlsSettings {

    private final @Nullable Path caFile;
    private final @Nullable Path certificateFile;
    private final @Nullable Path keyFile;

    private TlsSettings(@Nullable Path caFile, @Nullable Path certificateFile, @Nullable Path keyFile) {
        this.caFile = caFile;
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
    }

    /**
     * @return settings that trust the certificate authorities of the JVM and present no certificate
     */
    public static TlsSettings defaults() {
        return new TlsSettings(null, null, null);
    }

    /**
     * @param file the certificates to trust, in place of those of the JVM
     * @return a copy that trusts them
     */
    public TlsSettings withCa(Path file) {
        return new TlsSettings(Objects.requireNonNull(file, "file"), certificateFile, keyFile);
    }

    /**
     * For mutual TLS.
     *
     * @param certificate the client's certificate and those that lead to its authority
     * @param key the key of that certificate, PKCS #8 and not encrypted ({@code BEGIN PRIVATE KEY})
     * @return a copy that presents the certificate
     */
    public TlsSettings withCertificate(Path certificate, Path key) {
        return new TlsSettings(
                caFile, Objects.requireNonNull(certificate, "certificate"), Objects.requireNonNull(key, "key"));
    }

    /**
     * @return the certificates to trust; empty for those of the JVM
     */
    public Optional<Path> caFile() {
        return Optional.ofNullable(caFile);
    }

    /**
     * @return the client's certificate; empty for none
     */
    public Optional<Path> certificateFile() {
        return Optional.ofNullable(certificateFile);
    }

    /**
     * @return the key of the client's certificate; present if and only if that is
     */
    public Optional<Path> keyFile() {
        return Optional.ofNullable(keyFile);
    }
}
