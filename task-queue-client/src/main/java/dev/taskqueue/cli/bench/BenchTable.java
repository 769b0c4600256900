package dev.taskqueue.cli.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/**
 * Prints the cases, each beside its floor.
 *
 * @param out where to
 * @param json whether as one JSON array
 * @param tracking whether statuses were kept: on or off
 */
record BenchTable(PrintWriter out, boolean json, String tracking) {

    void print(String heading, Map<Bench.Case, Bench.Figures> figures) {
        if (json) {
            ArrayNode rows = JsonNodeFactory.instance.arrayNode();
            figures.forEach((what, row) -> rows.addObject()
                    .put("case", what.name())
                    .put("unit", what.unit())
                    .put("tracking", tracking)
                    .put("floor", row.floor().median())
                    .put("ours", row.ours().median())
                    .put("ours_least", row.ours().least())
                    .put("ours_most", row.ours().most())
                    .put("ratio", row.ratio()));
            out.println(rows);
        } else {
            out.printf("%s%n%n", heading);
            out.printf(
                    "%-50s %-8s %9s %9s %7s   %s%n", "case", "unit", "floor", "ours", "ratio", "ours, least to most");
            figures.forEach((what, row) -> out.printf(
                    Locale.ROOT,
                    "%-50s %-8s %9.0f %9.0f %7.2f   %.0f to %.0f%n",
                    what.name(),
                    what.unit(),
                    row.floor().median(),
                    row.ours().median(),
                    row.ratio(),
                    row.ours().least(),
                    row.ours().most()));
        }
        out.flush();
    }
}
