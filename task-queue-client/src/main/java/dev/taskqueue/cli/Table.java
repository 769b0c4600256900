package dev.taskqueue.cli;

import dev.taskqueue.internal.config.Variables;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Prints rows for a person, in columns that are as wide as they need to be. */
final class Table {

    private final List<String> titles;
    private final List<List<String>> rows = new ArrayList<>();
    /** What is printed under each row. */
    private final List<List<String>> notes = new ArrayList<>();

    Table(List<String> titles) {
        this.titles = titles;
    }

    void add(List<String> row, List<String> lines) {
        rows.add(row);
        notes.add(lines);
    }

    void print(PrintWriter out) {
        int[] widths = new int[titles.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = titles.get(i).length();
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        out.println(line(titles, widths));
        for (int i = 0; i < rows.size(); i++) {
            out.println(line(rows.get(i), widths));
            notes.get(i).forEach(out::println);
        }
        out.flush();
    }

    private static String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(i == 0 ? "" : "  ")
                    .append(cells.get(i))
                    .append(" ".repeat(widths[i] - cells.get(i).length()));
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
