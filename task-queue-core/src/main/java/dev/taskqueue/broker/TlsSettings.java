package dev.taskqueue.broker;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;

/**
 * TLS trust store and client certificate. The server's name is always checked. Files are PEM.
 *
 * @param caFile the certificates to trust; empty for those that the JVM trusts
 * @param certificateFile our own certificate and those that lead to its CA, for mutual TLS; empty for none
 * @param keyFile the key of that certificate, PKCS #8 and not encrypted ({@code BEGIN PRIVATE KEY}); given if and only if
 *     the certificate is
 */
public record TlsSettings(Optional<Path> caFile, Optional<Path> certificateFile, Optional<Path> keyFile) {

    private static final String STORE_TYPE = "PKCS12";

    /** A store must have a password, though it never leaves this process. */
    private static final char[] IN_MEMORY = "in memory".toCharArray();

    /**
     * @throws IllegalArgumentException if a certificate is given without its key, or a key without its certificate
     */
    public TlsSettings {
        Objects.requireNonNull(caFile, "caFile");
        if (certificateFile.isPresent() != keyFile.isPresent()) {
            throw new IllegalArgumentException("for mutual TLS both the certificate and its key must be given");
        }
    }

    /**
     * @throws IllegalArgumentException if a file cannot be read or holds something else; the message names it
     */
    SslOptions options() {
        SslOptions.Builder options = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
        try {
            if (caFile.isPresent()) {
                KeyStore trusted = emptyStore();
                int number = 0;
                for (Certificate certificate : certificates(caFile.get())) {
                    trusted.setCertificateEntry("ca-" + number++, certificate);
                }
                options.trustStoreType(STORE_TYPE).truststore(resource(trusted), IN_MEMORY);
            }
            if (certificateFile.isPresent()) {
                KeyStore own = emptyStore();
                Certificate[] chain = certificates(certificateFile.get()).toArray(Certificate[]::new);
                own.setKeyEntry("own", key(keyFile.orElseThrow()), IN_MEMORY, chain);
                options.keyStoreType(STORE_TYPE).keystore(resource(own), IN_MEMORY);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
        }
        return options.build();
    }

    /** The client takes stores as streams alone. */
    private static SslOptions.Resource resource(KeyStore store) throws GeneralSecurityException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            store.store(bytes, IN_MEMORY);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
        return () -> new ByteArrayInputStream(bytes.toByteArray());
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(STORE_TYPE);
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store needs no reading", e);
        }
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file) throws GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw new IllegalArgumentException("TLS: " + file + " holds no certificate");
            }
            return found;
        } catch (IOException e) {
            throw new IllegalArgumentException("TLS: " + file + " cannot be read: " + e, e);
        }
    }

    private static PrivateKey key(Path file) throws GeneralSecurityException {
        String pem;
        try {
            pem = Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("TLS: " + file + " cannot be read: " + e, e);
        }
        int begin = pem.indexOf("-----BEGIN PRIVATE KEY-----");
        int end = pem.indexOf("-----END PRIVATE KEY-----");
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("TLS: " + file
                    + " holds no PKCS #8 key (BEGIN PRIVATE KEY); openssl pkcs8 -topk8 -nocrypt makes one");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + 27, end));
        for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm; the last word is spoken below.
            }
        }
        throw new IllegalArgumentException("TLS: " + file + " holds a key that is neither RSA nor EC nor Ed25519");
    }
}
