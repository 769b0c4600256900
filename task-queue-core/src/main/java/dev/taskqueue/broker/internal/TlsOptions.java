package dev.taskqueue.broker.internal;

import dev.taskqueue.broker.TlsSettings;
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
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;

/** Reads the files of {@link TlsSettings}. */
final class TlsOptions {

    private static final String STORE_TYPE = "PKCS12";

    /** A store must have a password, though it never leaves this process. */
    private static final char[] IN_MEMORY = "in memory".toCharArray();

    private TlsOptions() {}

    /**
     * @throws IllegalArgumentException if a file cannot be read or holds something else; the message names it
     */
    static SslOptions read(TlsSettings tls) {
        SslOptions.Builder options = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
        try {
            if (tls.caFile().isPresent()) {
                KeyStore trusted = emptyStore();
                int number = 0;
                for (Certificate certificate : certificates(tls.caFile().get())) {
                    trusted.setCertificateEntry("ca-" + number++, certificate);
                }
                options.trustStoreType(STORE_TYPE).truststore(resource(trusted), IN_MEMORY);
            }
            if (tls.certificateFile().isPresent()) {
                KeyStore own = emptyStore();
                Certificate[] chain = certificates(tls.certificateFile().get()).toArray(Certificate[]::new);
                own.setKeyEntry("own", key(tls.keyFile().orElseThrow()), IN_MEMORY, chain);
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
