package dev.taskqueue.cli.bench;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What an option may be.
 *
 * @param spec of the command
 * @param option as it is written
 * @param least the least number
 * @param most the greatest
 */
record OptionRange(CommandSpec spec, String option, int least, int most) {

    /**
     * @throws ParameterException if the number is out of range
     */
    void require(int value) {
        if (value < least || value > most) {
            throw refusal(Integer.toString(value), "");
        }
    }

    /**
     * @throws ParameterException if one of them is out of range
     */
    void requireEach(List<Integer> values) {
        if (!values.stream().allMatch(value -> value >= least && value <= most)) {
            throw refusal(values.toString(), " each");
        }
    }

    private ParameterException refusal(String value, String each) {
        return new ParameterException(
                spec.commandLine(), option + " is " + value + "; allowed is " + least + " to " + most + each);
    }
}
