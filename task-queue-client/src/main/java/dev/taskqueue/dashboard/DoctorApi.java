package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.Explanation;
import dev.taskqueue.Finding;
import dev.taskqueue.view.ExplanationView;
import dev.taskqueue.view.FindingView;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;

/** What is wrong, and why a task is where it is. */
final class DoctorApi {

    private record Findings(List<Finding> all, Instant at) {}

    private final Queues queues;
    private final Shared<Findings> findings;

    DoctorApi(Queues queues, LongSupplier nanoTime) {
        this.queues = queues;
        this.findings = new Shared<>(() -> new Findings(queues.broker().doctor(), Instant.now()), nanoTime);
    }

    Response findings(Request request) throws InterruptedException {
        Findings found = findings.get();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode all = body.putArray("findings");
        found.all().forEach(finding -> all.add(FindingView.of(finding)));
        body.put("wrong", found.all().stream().anyMatch(Finding::isWrong))
                .put("checked_at", found.at().toString());
        return Response.ok(body);
    }

    Response why(Request request) {
        Explanation explanation = queues.anyOrNamed(request).why(TaskApi.id(request));
        if (explanation.reasons().get(0).code() == Explanation.Code.UNKNOWN) {
            throw Problem.notFound(explanation.reasons().get(0).text());
        }
        return Response.ok(ExplanationView.of(explanation));
    }
}
