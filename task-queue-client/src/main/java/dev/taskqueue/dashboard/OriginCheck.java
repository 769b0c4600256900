package dev.taskqueue.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps the pages of others from asking in the name of whoever looks at them: by a name of theirs that leads to this machine,
 * or by a request that their browser sends along with its cookies.
 */
final class OriginCheck {

    private final Set<String> hosts = new TreeSet<>();

    /**
     * @param names what the server is called beside {@code localhost} and its own address, without ports
     */
    OriginCheck(Set<String> names) {
        names.forEach(name -> hosts.add(name.toLowerCase(Locale.ROOT)));
    }

    /**
     * @param acts whether the request changes anything
     * @throws Problem if it is refused
     */
    void check(HttpExchange exchange, boolean acts) {
        Headers headers = exchange.getRequestHeaders();
        List<String> given = headers.getOrDefault("Host", List.of());
        if (given.size() != 1) {
            throw Problem.invalid("Host", "the request must have one header Host");
        }
        String host = given.get(0).strip().toLowerCase(Locale.ROOT);
        if (!isOurs(name(host), exchange.getLocalAddress().getAddress())) {
            throw Problem.forbidden("Host is none of this server's names; DASHBOARD_HOSTS lists those that it has");
        }
        if (acts) {
            checkActing(headers, host);
        }
    }

    private static void checkActing(Headers headers, String host) {
        for (String site : headers.getOrDefault("Sec-Fetch-Site", List.of())) {
            if (!site.equals("same-origin") && !site.equals("none")) {
                throw Problem.forbidden("a page of another site may not do that (Sec-Fetch-Site)");
            }
        }
        for (String origin : headers.getOrDefault("Origin", List.of())) {
            String ours = origin.strip().toLowerCase(Locale.ROOT);
            // Behind a proxy that ends TLS the scheme is not the one that reaches this server.
            if (!ours.equals("http://" + host) && !ours.equals("https://" + host)) {
                throw Problem.forbidden("a page of another origin may not do that (Origin)");
            }
        }
    }

    private boolean isOurs(String name, InetAddress local) {
        return name.equals("localhost")
                || name.matches("127(\\.\\d{1,3}){3}")
                || name.equals("[::1]")
                || name.equals(local.getHostAddress())
                || name.equals("[" + local.getHostAddress().replaceFirst("%.*", "") + "]")
                || hosts.contains(name);
    }

    /** Without the port. */
    private static String name(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }
}
