package dev.taskqueue.broker.internal;

/**
 * A host and a port.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port 1 to 65535
 */
public record RedisAddress(String host, int port) {

    private static final int DEFAULT_PORT = 6379;

    private static final String IPV6 = "[0-9A-Fa-f:.]+(%[\\w.-]+)?";

    /**
     * @param text {@code host}, {@code host:port}, {@code :port} or {@code [ipv6]:port}
     * @return the address; without a port, that of Redis
     * @throws IllegalArgumentException if the text is no address; the message shows none that may hold a password
     */
    public static RedisAddress parse(String text) {
        String host = text.strip();
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c == '@' || c == '/' || c <= ' ') {
                throw new IllegalArgumentException(
                        "an address holds a scheme, a user, a password or blanks; it must be host:port");
            }
        }
        int port = DEFAULT_PORT;
        int colon = host.lastIndexOf(':');
        boolean bareIpv6 = colon != host.indexOf(':') && !host.startsWith("[");
        if (colon >= 0 && !bareIpv6 && host.indexOf(']') < colon) {
            port = parsePort(host.substring(colon + 1), host);
            host = host.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.matches(".*[:\\[\\]].*") && !host.matches(IPV6)) {
            throw new IllegalArgumentException("an address has too many colons; it must be host:port or [ipv6]:port");
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("an address names no host; it must be host:port");
        }
        return new RedisAddress(host, port);
    }

    private static int parsePort(String port, String address) {
        int number;
        try {
            number = Integer.parseInt(port);
        } catch (NumberFormatException e) {
            // It may be half of a password.
            throw new IllegalArgumentException(
                    "the port of an address is no number; it must be host:port with a port of 1 to 65535", null);
        }
        if (number < 1 || number > 65_535) {
            throw new IllegalArgumentException(
                    "address is \"" + address + "\"; it must be host:port with a port of 1 to 65535");
        }
        return number;
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
