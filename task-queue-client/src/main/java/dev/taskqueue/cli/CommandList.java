package dev.taskqueue.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IHelpSectionRenderer;

/** The commands in {@code client --help}: by what they are about, each with the first sentence of its own help. */
final class CommandList implements IHelpSectionRenderer {

    private static final int WIDTH = 80;
    private static final int INDENT = 2;

    private static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

    static {
        GROUPS.put("Tasks", List.of("enqueue", "status", "why", "tasks", "cancel", "run", "purge", "move", "dead"));
        GROUPS.put("Queues", List.of("queues", "stats", "top", "history", "pause", "resume", "cron", "limit"));
        GROUPS.put("Workers and Redis", List.of("workers", "quiet", "doctor", "bench"));
        GROUPS.put("For the browser", List.of("dashboard"));
    }

    @Override
    public String render(Help help) {
        Map<String, CommandLine> left = new LinkedHashMap<>(help.commandSpec().subcommands());
        StringBuilder text = new StringBuilder();
        GROUPS.forEach((title, names) -> {
            List<CommandLine> commands = new ArrayList<>();
            names.forEach(name -> {
                CommandLine command = left.remove(name);
                if (command != null) {
                    commands.add(command);
                }
            });
            add(text, help, title, commands);
        });
        add(text, help, "More", List.copyOf(left.values()));
        return text.toString();
    }

    private static void add(StringBuilder text, Help help, String title, List<CommandLine> commands) {
        if (commands.isEmpty()) {
            return;
        }
        int names = help.commandSpec().subcommands().keySet().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        TextTable table = TextTable.forColumns(
                help.colorScheme(),
                new Column(INDENT + names, INDENT, Column.Overflow.SPAN),
                new Column(WIDTH - INDENT - names, INDENT, Column.Overflow.WRAP));
        for (CommandLine command : commands) {
            table.addRowValues(
                    help.colorScheme().commandText(command.getCommandName()).toString(), firstSentence(command));
        }
        text.append(System.lineSeparator())
                .append(help.colorScheme().text("@|bold " + title + "|@:"))
                .append(System.lineSeparator())
                .append(table);
    }

    private static String firstSentence(CommandLine command) {
        String[] description = command.getCommandSpec().usageMessage().description();
        String text = description.length == 0 ? "" : description[0];
        int end = text.indexOf(". ");
        int semicolon = text.indexOf("; ");
        int colon = text.indexOf(": ");
        for (int other : new int[] {semicolon, colon}) {
            end = other >= 0 && (end < 0 || other < end) ? other : end;
        }
        String sentence = end < 0 ? text : text.substring(0, end);
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }
}
