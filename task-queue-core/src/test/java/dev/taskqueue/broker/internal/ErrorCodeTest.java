package dev.taskqueue.broker.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorCodeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "READONLY You can't write against a read only replica.|READONLY",
                "READONLY You can't write against a read only replica. script: 679f, on @user_script:1.|READONLY",
                "EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica.|READONLY",
                "EXECABORT Transaction discarded because of previous errors.|EXECABORT",
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.|MASTERDOWN",
                "ERR Error running script (call to f_679f): @user_script:1: WRONGTYPE Operation against a key|WRONGTYPE",
                "ERR Error running script (call to f_679f): @user_script:1: @user_script: 1: -READONLY You can't|READONLY",
                "ERR Error running script (call to f_679f): @user_script:12: @user_script: 12: -OOM command|OOM",
                "@user_script: 1: -NOREPLICAS Not enough good replicas to write.|NOREPLICAS",
            })
    void is_found_wherever_a_server_puts_it(String message, String code) {
        assertThat(ErrorCode.of(message)).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "ERR Error running script (call to f_3ccf): @user_script:1: user_script:1: attempt to index|ERR",
                "ERR Error running script (call to f_3ccf): @user_script:1: @user_script: 1: Unknown Redis command|ERR",
                "ERR unknown command '@user_script: 1: -READONLY', with args beginning with|ERR",
                "@user_script: 1: The user executing the script can't run this command or subcommand|\"\"",
                "Cannot read READONLY|\"\"",
                "\"\"|\"\"",
            })
    void is_nothing_that_stands_elsewhere(String message, String code) {
        assertThat(ErrorCode.of(message)).isEqualTo(code);
    }
}
