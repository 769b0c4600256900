package dev.taskqueue.dashboard;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * A request whose headers come to the dashboard as they were sent. Behind the JDK's interface Jetty takes values apart at commas,
 * cookies too, and fails where quotes do not pair, as in {@code If-None-Match: W/"…"}, which a browser sends once a proxy has
 * compressed a file.
 */
final class PlainHeaders extends Request.Wrapper {

    /** Of which it leaves values whole. The name that is seen is the field's own. */
    private static final HttpHeader LEFT_WHOLE = HttpHeader.DATE;

    private final HttpFields fields;

    PlainHeaders(Request request) {
        super(request);
        HttpFields.Mutable plain = HttpFields.build();
        for (HttpField field : request.getHeaders()) {
            plain.add(new HttpField(LEFT_WHOLE, field.getName(), field.getValue()));
        }
        fields = plain.asImmutable();
    }

    @Override
    public HttpFields getHeaders() {
        return fields;
    }
}
