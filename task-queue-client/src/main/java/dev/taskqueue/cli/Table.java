package dev.taskqueue.cli;

import dev.taskqueue.internal.config.Variables;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Prints rows for a person, in columns that are as wide as they need to be. */
final class Table {

    private final List<String> titles;
    private final List<List<String>> rows = new ArrayList<>();
    /** What is printed under each row. */
    private final List<List<String>> notes = new ArrayList<>();

    /** The columns with numbers, which stand at the right. */
    private final Set<Integer> numbers;

    Table(List<String> titles) {
        this(titles, Set.of());
    }

    Table(List<String> titles, Set<Integer> numbers) {
        this.titles = titles;
        this.numbers = numbers;
    }

    void add(List<String> row, List<String> lines) {
        rows.add(row);
        notes.add(lines);
    }

    void print(PrintWriter out) {
        lines().forEach(out::println);
        out.flush();
    }

    /** The titles, then the rows, each with its notes. */
    List<String> lines() {
        int[] widths = new int[titles.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = titles.get(i).length();
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>(List.of(line(titles, widths)));
        for (int i = 0; i < rows.size(); i++) {
            lines.add(line(rows.get(i), widths));
            lines.addAll(notes.get(i));
        }
        return lines;
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String blanks = " ".repeat(widths[i] - cells.get(i).length());
            line.append(i == 0 ? "" : "  ").append(numbers.contains(i) ? blanks + cells.get(i) : cells.get(i) + blanks);
        }
        return line.toString().stripTrailing();
    }

    /** One line of bounded length, without control characters: anybody can have written it into Redis. */
    static String shorten(String text, int most) {
        String plain = Variables.printable(text);
        return plain.length() <= most ? plain : plain.substring(0, most - 1) + "…";
    }

    /** Such as {@code 12 s}, {@code 3 min}, {@code 2 h} or {@code 5 d}; less than nothing is nothing. */
    static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + " s";
        }
        if (seconds < 7_200) {
            return seconds / 60 + " min";
        }
        return seconds < 172_800 ? seconds / 3_600 + " h" : seconds / 86_400 + " d";
    }
}
