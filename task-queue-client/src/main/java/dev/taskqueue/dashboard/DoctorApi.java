package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.Explanation;
import dev.taskqueue.Finding;
import dev.taskqueue.view.ExplanationView;
import dev.taskqueue.view.FindingView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What is wrong, and why a task is where it is. */
final class DoctorApi {

    /** Asked often, as by a page: the server is looked at less often than that. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    /** What was found, and when. */
    record Findings(List<Finding> all, Instant at) {}

    private final Queues queues;
    private final Shared<Findings> findings;

    DoctorApi(Queues queues, Freshness freshness) {
        this.queues = queues;
        this.findings = new Shared<>(freshness.lasting(FRESH));
    }

    Response findings(Request request) throws InterruptedException, IOException {
        return Response.ok(put(JsonNodeFactory.instance.objectNode()));
    }

    /** Adds what is wrong, as all viewers are shown it. */
    ObjectNode put(ObjectNode body) throws InterruptedException, IOException {
        Findings found = findings.get(() -> new Findings(queues.broker().doctor(), Instant.now()));
        ArrayNode all = body.putArray("findings");
        found.all().forEach(finding -> all.add(FindingView.of(finding)));
        body.put("wrong", found.all().stream().anyMatch(Finding::isWrong))
                .put("checked_at", found.at().toString());
        return body;
    }

    Response why(Request request) {
        Explanation explanation = queues.anyOrNamed(request).why(TaskApi.id(request));
        if (explanation.reasons().get(0).code() == Explanation.Code.UNKNOWN) {
            throw Problem.notFound(explanation.reasons().get(0).text());
        }
        return Response.ok(ExplanationView.of(explanation));
    }
}
