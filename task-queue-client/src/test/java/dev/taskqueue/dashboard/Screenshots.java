package dev.taskqueue.dashboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.OutputType;

/**
 * Makes pictures of each page, in light, in dark and on a phone, into {@code target/screenshots}, or into what the system property
 * {@code screenshots} names. Not a test: run by name, {@code ./mvnw -pl task-queue-client -am test -Dtest=Screenshots
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class Screenshots {

    private static final int WIDE = 1280;
    private static final int PHONE = 360;

    /** How long sparklines and trends are gathered before the first picture. */
    private static final int SNAPSHOTS = 15;

    private final Path folder = Path.of(System.getProperty("screenshots", "target/screenshots"));

    @RegisterExtension
    final Browser browser = new Browser();

    @Test
    void of_each_page() {
        Assumptions.assumeTrue(Chromium.isInstalled(), Chromium.MISSING);
        try (BusyQueues queues = new BusyQueues()) {
            Files.createDirectories(folder);
            Map<String, String> pages = new TreeMap<>(queues.pages());
            browser.open(queues.dashboard(), "#/overview");
            browser.until(
                    "some history",
                    () -> browser.log().requests().stream()
                                    .filter(url -> url.endsWith("/api/live"))
                                    .count()
                            >= SNAPSHOTS);
            for (String look : new String[] {"light", "dark", "phone"}) {
                browser.prefer(look.equals("dark") ? "dark" : "light");
                int width = look.equals("phone") ? PHONE : WIDE;
                for (Map.Entry<String, String> page : pages.entrySet()) {
                    browser.resize(width, 700);
                    browser.go(page.getKey());
                    browser.awaitText("main", page.getValue());
                    browser.awaitNoText("main", "Loading");
                    int height = ((Long) browser.run("return document.documentElement.scrollHeight")).intValue();
                    browser.resize(width, Math.min(Math.max(height, 700), 1_600));
                    take(name(page.getKey(), queues) + "-" + look);
                }
                browser.clickOn("header a[href='#/queues']");
                browser.click("main", "Pause");
                take("question-" + look);
                browser.click("dialog", "Back");
            }
            browser.leave();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(String hash, BusyQueues queues) {
        return hash.substring(2)
                .replaceAll("\\?queue=.*", "")
                .replace(queues.pending, "pending")
                .replace(queues.retrying, "retrying")
                .replace(queues.succeeded, "succeeded")
                .replaceAll("letter/.*", "letter")
                .replaceAll("[^a-z]+", "-");
    }

    private void take(String name) throws IOException {
        Files.write(folder.resolve(name + ".png"), browser.driver().getScreenshotAs(OutputType.BYTES));
    }
}
