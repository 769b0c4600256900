package dev.taskqueue.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/** What a browser has told since it was last asked: its requests, and what its console complains of. */
final class BrowserLog {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final WebDriver driver;
    private final List<String> requests = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    BrowserLog(WebDriver driver) {
        this.driver = driver;
    }

    /** Every address that was asked for since {@link #clear}, but for those that ask nobody ({@code data:}, {@code blob:}). */
    List<String> requests() {
        read();
        return List.copyOf(requests);
    }

    /** Errors of scripts, breaches of the content security policy, answers that failed. */
    List<String> complaints() {
        read();
        return List.copyOf(complaints);
    }

    void clear() {
        read();
        requests.clear();
        complaints.clear();
    }

    private void read() {
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            JsonNode message = parse(entry.getMessage()).path("message");
            if (message.path("method").asText().equals("Network.requestWillBeSent")) {
                String url = message.at("/params/request/url").asText();
                if (!url.matches("(?:data|blob|about):.*")) {
                    requests.add(url);
                }
            }
        }
        for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
            // What is below is advice.
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                complaints.add(entry.getLevel() + " " + entry.getMessage());
            }
        }
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }
}
