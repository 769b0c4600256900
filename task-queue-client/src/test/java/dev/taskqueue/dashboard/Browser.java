package dev.taskqueue.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;

/**
 * A real browser at the dashboard's page: one for all the tests of a JVM, or a skipped test where there is none. After each test
 * it holds that no other host was asked for anything and that the console complained of nothing.
 * Use as {@code @RegisterExtension final Browser browser = new Browser();}
 */
final class Browser implements BeforeEachCallback, AfterTestExecutionCallback {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What requests to this machine end with, too, as some other interface comes or goes, such as a container's. */
    private static final String NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED";

    private static ChromeDriver shared;
    private static Path downloads;

    private ChromeDriver driver;
    private BrowserLog log;
    private boolean fresh = true;
    private String home = "";
    private String allowed = "nothing";

    @Override
    public void beforeEach(ExtensionContext context) {
        Assumptions.assumeTrue(Chromium.isInstalled(), Chromium.MISSING);
        driver = shared();
        driver.manage().deleteAllCookies();
        resize(1280, 900);
        log = new BrowserLog(driver);
        log.clear();
    }

    private static synchronized ChromeDriver shared() {
        if (shared == null) {
            try {
                downloads = Files.createTempDirectory("task-queue-downloads");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            shared = Chromium.start(downloads);
            Runtime.getRuntime().addShutdownHook(new Thread(shared::quit));
        }
        return shared;
    }

    /** Before {@code @AfterEach} ends a test's server. */
    @Override
    public void afterTestExecution(ExtensionContext context) {
        leave();
        assertThat(log.requests()).as("all that was asked for").allMatch(url -> url.startsWith(home));
        assertThat(log.complaints())
                .as("the console's complaints")
                .filteredOn(line -> !line.matches("(?s).*(?:" + allowed + ").*") && !line.contains(NETWORK_CHANGED))
                .isEmpty();
    }

    /** Has the console complain of what fits, as a test provokes it: such as an answer of 503. */
    void allowComplaints(String pattern) {
        allowed = pattern;
    }

    BrowserLog log() {
        return log;
    }

    ChromeDriver driver() {
        return driver;
    }

    Path downloads() {
        return downloads;
    }

    /** Goes away from the page, whose requests end: to be called before its server does. */
    void leave() {
        driver.get("about:blank");
    }

    /** Opens a dashboard anew, at a page such as {@code #/dead}. */
    void open(TestDashboard dashboard, String hash) {
        home = "http://127.0.0.1:" + dashboard.port() + "/";
        if (fresh) {
            // As a person's who comes for the first time.
            driver.get(home + "sign-in");
            run("localStorage.clear(); sessionStorage.clear()");
            fresh = false;
        }
        // So that nothing of an earlier page is taken for this one's.
        leave();
        until("the page to be loaded", () -> {
            driver.get(home + hash);
            // Again where a module did not come: see NETWORK_CHANGED.
            return (Boolean) run("return document.querySelector('#page') !== null")
                    || log.complaints().stream().noneMatch(line -> line.contains(NETWORK_CHANGED));
        });
    }

    /** Goes to a page as a link does. */
    void go(String hash) {
        run("location.hash = arguments[0]", hash);
    }

    String hash() {
        return (String) run("return location.hash");
    }

    void resize(int width, int height) {
        // A window has a least width; what a phone shows has none.
        driver.manage().window().setSize(new Dimension(Math.max(width, 500), height));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /**
     * @param scheme {@code light} or {@code dark}, as a system's setting
     */
    void prefer(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** The first element that fits and is shown, once there is one. */
    WebElement find(String css) {
        return await("element " + css)
                .atMost(PATIENCE)
                .until(
                        () -> (WebElement) run(
                                "return [...document.querySelectorAll(arguments[0])].find(e => e.checkVisibility()) ?? null",
                                css),
                        found -> found != null);
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /** Whether a button or a link of this name is shown. */
    boolean has(String scope, String name) {
        return named(scope, name) != null;
    }

    private WebElement named(String scope, String name) {
        return (WebElement) run(
                "return [...document.querySelectorAll(arguments[0])].flatMap(e => [...e.querySelectorAll('button, a')])"
                        + ".find(e => e.checkVisibility() && (e.innerText.trim() === arguments[1]"
                        + " || e.innerText.trim().startsWith(arguments[1] + '\\n'))) ?? null",
                scope,
                name);
    }

    /** Clicks a button or a link of this name within what fits, once there is one. */
    void click(String scope, String name) {
        retried(name + " in " + scope, () -> {
            WebElement found = named(scope, name);
            if (found == null) {
                return false;
            }
            found.click();
            return true;
        });
    }

    /** Clicks a button or a link of this name, anywhere but in the frame. */
    void click(String name) {
        click("main, dialog", name);
    }

    void clickOn(String css) {
        retried(css, () -> {
            find(css).click();
            return true;
        });
    }

    /** Types into what fits, in place of what stands there. */
    void type(String css, String text) {
        WebElement field = find(css);
        field.clear();
        field.sendKeys(text);
    }

    /** Presses keys wherever the focus is. */
    void press(CharSequence... keys) {
        for (CharSequence key : keys) {
            new Actions(driver).sendKeys(key).perform();
        }
    }

    void pointAt(WebElement element) {
        new Actions(driver).moveToElement(element).perform();
    }

    /** What fits shows as text; empty if nothing fits. */
    String text(String css) {
        return (String) run("return document.querySelector(arguments[0])?.innerText ?? ''", css);
    }

    void awaitText(String css, String... parts) {
        await(css + " to show " + List.of(parts))
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(text(css)).contains(parts));
    }

    void awaitNoText(String css, String part) {
        await(css + " not to show " + part)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(text(css)).doesNotContain(part));
    }

    /** What a person is told in the corner. */
    void awaitToast(String part) {
        awaitText(".toasts", part);
    }

    void until(String what, Callable<Boolean> condition) {
        await(what).atMost(PATIENCE).until(condition);
    }

    private static void retried(String what, Callable<Boolean> attempt) {
        await(what)
                .atMost(PATIENCE)
                .ignoreExceptionsMatching(e -> e instanceof StaleElementReferenceException
                        || e instanceof WebDriverException && e.getMessage().contains("click intercepted"))
                .until(attempt);
    }
}
