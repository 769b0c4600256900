package dev.taskqueue.cli.bench;

import java.util.function.ToDoubleFunction;
import redis.clients.jedis.Jedis;

/**
 * What Redis has done, as it counts that itself ({@code INFO}): noise of the machine does not change it.
 *
 * @param commands carried out, those inside of scripts too
 * @param scripts of these, scripts
 * @param cpuMicros of its own CPU, user and system, in µs
 * @param bytesIn received
 * @param bytesOut sent
 */
record RedisCost(double commands, double scripts, double cpuMicros, double bytesIn, double bytesOut) {

    static final RedisCost NONE = new RedisCost(0, 0, 0, 0, 0);

    /** What it has done since it was started. */
    static RedisCost read(Jedis jedis) {
        String info = jedis.info("everything");
        return new RedisCost(
                sum(info, "cmdstat_", RedisCost::calls),
                sum(info, "cmdstat_eval", RedisCost::calls),
                1e6 * sum(info, "used_cpu_user:", RedisCost::value)
                        + 1e6 * sum(info, "used_cpu_sys:", RedisCost::value),
                sum(info, "total_net_input_bytes:", RedisCost::value),
                sum(info, "total_net_output_bytes:", RedisCost::value));
    }

    private static double sum(String info, String prefix, ToDoubleFunction<String> number) {
        return info.lines()
                .filter(line -> line.startsWith(prefix))
                .mapToDouble(number)
                .sum();
    }

    private static double calls(String line) {
        return Double.parseDouble(line.replaceAll(".*:calls=(\\d+),.*", "$1"));
    }

    private static double value(String line) {
        return Double.parseDouble(line.substring(line.indexOf(':') + 1).strip());
    }

    RedisCost minus(RedisCost earlier) {
        return new RedisCost(
                commands - earlier.commands,
                scripts - earlier.scripts,
                cpuMicros - earlier.cpuMicros,
                bytesIn - earlier.bytesIn,
                bytesOut - earlier.bytesOut);
    }

    RedisCost plus(RedisCost other) {
        return new RedisCost(
                commands + other.commands,
                scripts + other.scripts,
                cpuMicros + other.cpuMicros,
                bytesIn + other.bytesIn,
                bytesOut + other.bytesOut);
    }

    RedisCost dividedBy(double number) {
        return new RedisCost(
                commands / number, scripts / number, cpuMicros / number, bytesIn / number, bytesOut / number);
    }
}
