package dev.taskqueue.cli;

import dev.taskqueue.DeadLetter;
import dev.taskqueue.broker.DeadLetters;
import dev.taskqueue.broker.RedisBroker;
import dev.taskqueue.view.DeadLetterView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code client dead retry|delete}: takes dead letters out of their list, by ids or by a filter. */
abstract class DeadChangeCommand implements Callable<Integer> {

    private static final int MOVED_AT_ONCE = 50;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    @Mixin
    private DeadFilterOptions filter;

    @Parameters(paramLabel = "ID", arity = "0..*", description = "The letters' ids; or give a filter, or --all.")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--all", description = "All dead letters of the queue.")
    private boolean all;

    @Option(names = "--dry-run", description = "Only tell which and how many; change nothing.")
    private boolean dryRun;

    @Mixin
    private RateOption rate;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private long matched;
    private long done;
    private long left;

    /** Whether a letter can be taken out so. */
    abstract boolean applies(DeadLetter letter);

    /** Takes letters out; returns those that were there still. */
    abstract List<DeadLetter> change(DeadLetters dead, List<DeadLetter> letters);

    /** What is told of letters that were taken out. */
    abstract String past();

    @Override
    public final Integer call() throws IOException {
        check();
        rate.perSecond();
        List<String> missing = new ArrayList<>();
        try (RedisBroker broker = connection.open()) {
            DeadLetters dead = broker.deadLetters();
            if (ids.isEmpty()) {
                filter.forEachPage(dead, Long.MAX_VALUE, letters -> take(dead, letters));
            }
            for (String id : ids) {
                Optional<DeadLetter> letter = dead.find(id, DeadShowCommand.MAX_SEARCHED);
                letter.ifPresentOrElse(found -> take(dead, List.of(found)), () -> missing.add(id));
            }
        } finally {
            // Also where it was stopped half way: what was done is done.
            report();
        }
        missing.forEach(id -> connection.warn("no dead letter " + id));
        return missing.isEmpty() ? 0 : 1;
    }

    private void check() {
        int ways = (ids.isEmpty() ? 0 : 1) + (filter.isGiven() ? 1 : 0) + (all ? 1 : 0);
        if (ways == 0) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Missing: ids, a filter (--type, --error, --reason, --since, --limit), or --all");
        }
        if (!ids.isEmpty() && ways > 1) {
            throw new ParameterException(
                    spec.commandLine(), "ids are given, and a filter or --all: only one is allowed");
        }
    }

    private void take(DeadLetters dead, List<DeadLetter> letters) {
        List<DeadLetter> able = letters.stream().filter(this::applies).toList();
        matched += letters.size();
        left += letters.size() - able.size();
        if (dryRun) {
            done += able.size();
            return;
        }
        int atOnce = rate.atOnce(MOVED_AT_ONCE);
        for (int from = 0; from < able.size(); from += atOnce) {
            List<DeadLetter> some = able.subList(from, Math.min(from + atOnce, able.size()));
            done += change(dead, some).size();
            rate.pace(some.size());
        }
    }

    private void report() {
        if (json) {
            connection.out().println(DeadLetterView.changed(past(), done, matched, left, dryRun));
        } else {
            connection
                    .out()
                    .println((dryRun ? "would be " + past() + ": " : past() + ": ") + done + " of " + matched
                            + " dead letters"
                            + (left == 0 ? "" : "; " + left + " are no tasks and stay"));
        }
        connection.out().flush();
    }

    @Command(
            name = "retry",
            description = "Has dead tasks run again, with their ids and fresh retries.",
            mixinStandardHelpOptions = true)
    static final class Retry extends DeadChangeCommand {

        @Override
        boolean applies(DeadLetter letter) {
            return letter.retryable();
        }

        @Override
        List<DeadLetter> change(DeadLetters dead, List<DeadLetter> letters) {
            return dead.retry(letters);
        }

        @Override
        String past() {
            return "retried";
        }
    }

    @Command(
            name = "delete",
            description = "Deletes dead letters for good, with the statuses of their tasks.",
            mixinStandardHelpOptions = true)
    static final class Delete extends DeadChangeCommand {

        @Override
        boolean applies(DeadLetter letter) {
            return true;
        }

        @Override
        List<DeadLetter> change(DeadLetters dead, List<DeadLetter> letters) {
            return dead.delete(letters);
        }

        @Override
        String past() {
            return "deleted";
        }
    }
}
