package dev.taskqueue.broker;

/** A host and a port. */
record RedisAddress(String host, int port) {

    /**
     * @throws IllegalArgumentException if the text is no address
     */
    static RedisAddress parse(String text, int defaultPort) {
        String host = text.strip();
        int port = defaultPort;
        int colon = host.lastIndexOf(':');
        boolean bareIpv6 = colon != host.indexOf(':') && !host.startsWith("[");
        if (colon >= 0 && !bareIpv6 && host.indexOf(']') < colon) {
            port = parsePort(host.substring(colon + 1), text);
            host = host.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return new RedisAddress(host.isEmpty() ? "localhost" : host, port);
    }

    private static int parsePort(String port, String address) {
        try {
            int number = Integer.parseInt(port);
            if (number >= 1 && number <= 65_535) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, as for a number out of range.
        }
        throw new IllegalArgumentException(
                "address is \"" + address.strip() + "\"; it must be host:port with a port of 1 to 65535");
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
