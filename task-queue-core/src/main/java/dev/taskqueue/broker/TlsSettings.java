package dev.taskqueue.broker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
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

    private static final String BEGIN_KEY = "-----BEGIN PRIVATE KEY-----";

    /** Signed to see whether a certificate and a key belong together. */
    private static final byte[] PROBE = {1, 2, 3};

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
     * Reads the files, so that what is wrong with them is told before the first connection.
     *
     * @throws IllegalArgumentException if a file cannot be used; the message begins with the name of the component
     */
    void check() {
        options();
    }

    /**
     * @throws IllegalArgumentException as for {@link #check}
     */
    SslOptions options() {
        SslOptions.Builder options = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
        try {
            if (caFile.isPresent()) {
                KeyStore trusted = emptyStore();
                int number = 0;
                for (Certificate certificate : certificates("caFile", caFile.get())) {
                    trusted.setCertificateEntry("ca-" + number++, certificate);
                }
                options.trustStoreType(STORE_TYPE).truststore(resource(trusted), IN_MEMORY);
            }
            if (certificateFile.isPresent()) {
                KeyStore own = emptyStore();
                Certificate[] chain =
                        certificates("certificateFile", certificateFile.get()).toArray(Certificate[]::new);
                PrivateKey key = key(keyFile.orElseThrow());
                requirePair(chain[0], key);
                own.setKeyEntry("own", key, IN_MEMORY, chain);
                options.keyStoreType(STORE_TYPE).keystore(resource(own), IN_MEMORY);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
        }
        return options.build();
    }

    /** Told by the server alone it would be a connection that breaks, without a reason. */
    private void requirePair(Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        boolean pair;
        try {
            signature.initVerify(certificate.getPublicKey());
            signature.update(PROBE);
            pair = signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            pair = false;
        }
        if (!pair) {
            throw new IllegalArgumentException("keyFile is \"" + keyFile.orElseThrow()
                    + "\"; it must hold the key of the first certificate in " + certificateFile.orElseThrow());
        }
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

    private static Collection<? extends Certificate> certificates(String component, Path file) {
        Collection<? extends Certificate> found;
        try {
            found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(read(component, file)));
        } catch (CertificateException e) {
            found = List.of();
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    component + " is \"" + file + "\"; it must be a PEM file of certificates (BEGIN CERTIFICATE)");
        }
        return found;
    }

    private static byte[] read(String component, Path file) {
        String problem;
        try {
            if (!Files.isDirectory(file)) {
                return Files.readAllBytes(file);
            }
            problem = "that is a folder";
        } catch (NoSuchFileException e) {
            problem = "there is no such file";
        } catch (IOException e) {
            problem = "it cannot be read (" + e.getClass().getSimpleName() + ")";
        }
        throw new IllegalArgumentException(
                component + " is \"" + file + "\"; " + problem + ", and it must be a PEM file");
    }

    private static PrivateKey key(Path file) throws GeneralSecurityException {
        String pem = new String(read("keyFile", file), ISO_8859_1);
        int begin = pem.indexOf(BEGIN_KEY);
        int end = pem.indexOf("-----END PRIVATE KEY-----");
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("keyFile is \"" + file
                    + "\"; it must be a PKCS #8 key that is not encrypted (BEGIN PRIVATE KEY), as openssl pkcs8 -topk8"
                    + " -nocrypt makes it");
        }
        byte[] der = {};
        try {
            der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN_KEY.length(), end));
        } catch (IllegalArgumentException e) {
            // Then it is no key of any algorithm. The message of the decoder may quote it.
        }
        for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm; the last word is spoken below.
            }
        }
        throw new IllegalArgumentException("keyFile is \"" + file + "\"; it must hold an RSA, EC or Ed25519 key");
    }
}
