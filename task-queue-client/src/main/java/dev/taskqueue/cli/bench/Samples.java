package dev.taskqueue.cli.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The figures of one case over the rounds. */
final class Samples {

    private final List<Double> values = new ArrayList<>();

    void add(double value) {
        values.add(value);
    }

    double median() {
        return at(0.5);
    }

    double least() {
        return at(0);
    }

    double most() {
        return at(1);
    }

    private double at(double quantile) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get((int) Math.round(quantile * (sorted.size() - 1)));
    }

    /** A quantile of single measurements, in the order of magnitude in which they are. */
    static double quantile(long[] nanos, double quantile) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(quantile * (sorted.length - 1))];
    }
}
